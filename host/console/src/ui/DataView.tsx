/** Data that a pack collected, drawn from the schema that it was given under. Everything is text; nothing is interpreted. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { createContext, type ReactNode, useContext } from 'react'
import { entityQuery } from '../api/queries'
import type { Json, JsonObject } from '../api/types'
import { asSchema, type Schema, schemaAt } from '../forms/schema'
import { dateTime } from './time'

/** A value in words: the option's title, 是/否, a time in the centre's form. */
export function valueWords(value: Json | undefined, schema: Schema): string {
  if (value === undefined || value === null || value === '') return '—'
  const option = schema.oneOf?.find((candidate) => candidate.const === value)
  if (option) return option.title ?? String(value)
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'string' && schema.format === 'date-time') return dateTime(value)
  if (Array.isArray(value)) return value.map((item) => valueWords(item, asSchema(schema.items))).join('、') || '—'
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

/** Whether references are followed. On the statutory road each reading is asked for: none may come along with another. */
export const Followed = createContext(true)

/** A reference by what it is called, leading to the record. */
function Reference({ id, format }: { id: string; format: string }) {
  const followed = useContext(Followed)
  const entity = useQuery({ ...entityQuery(id), enabled: followed && format !== 'case-ref' })
  if (!followed) return <span className="dim">另一份记录，须另行查阅</span>
  if (format === 'case-ref')
    return (
      <Link to="/cases/$id" params={{ id }}>
        打开案件
      </Link>
    )
  if (entity.error) return <span className="dim">不在您可见范围的记录</span>
  return (
    <Link to="/entities/$id" params={{ id }}>
      {entity.data?.name ?? '…'}
    </Link>
  )
}

/** A clock says nothing by its id: it is shown with its arithmetic on the record's own tab. */
const MACHINE = new Set(['clock-ref'])

/** Whether an object holds anything that a person reads. */
export function speaks(data: JsonObject, schema: Schema): boolean {
  return Object.keys(data).some((name) => !MACHINE.has(schemaAt(schema, [name]).format ?? ''))
}

function Value({ value, schema }: { value: Json | undefined; schema: Schema }) {
  if (typeof value === 'string' && value !== '' && schema.format?.endsWith('-ref')) return <Reference id={value} format={schema.format} />
  return <>{valueWords(value, schema)}</>
}

/** Every property of an object, those that only a condition adds included. */
function propertyNames(schema: Schema): string[] {
  const inner = [schema.then, schema.else, ...(schema.allOf ?? [])].flatMap((branch) => (branch ? propertyNames(branch) : []))
  return [...Object.keys(schema.properties ?? {}), ...inner]
}

function columns(schema: Schema, rows: JsonObject[]): string[] {
  const declared = propertyNames(schema)
  const found = rows.flatMap((row) => Object.keys(row))
  return [...new Set([...declared, ...found])].filter((name) => rows.some((row) => row[name] !== undefined && row[name] !== null))
}

function Rows({ rows, schema }: { rows: JsonObject[]; schema: Schema }) {
  const names = columns(schema, rows)
  if (names.length === 0) return <span className="dim">{rows.length} 项，内容按数据分级不显示</span>
  return (
    <div className="grid-scroll">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">#</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {schemaAt(schema, [name]).title ?? name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // Rows of a record never change order.
            // eslint-disable-next-line react/no-array-index-key
            <tr key={index}>
              <td className="dim">{index + 1}</td>
              {names.map((name) => (
                <td key={name}>
                  <Value value={row[name]} schema={schemaAt(schema, [name])} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function isRows(value: Json | undefined): value is JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
}

interface DataViewProps {
  data: JsonObject
  schema: Schema
  /** A mark beside a field's title, such as its classification. */
  mark?: (field: string) => ReactNode
}

export function DataView({ data, schema, mark }: DataViewProps) {
  const names = [...new Set([...propertyNames(schema), ...Object.keys(data)])]
  const shown = names.filter((name) => data[name] !== undefined && !MACHINE.has(schemaAt(schema, [name]).format ?? ''))
  if (shown.length === 0) return <p className="dim">没有可以显示的内容</p>
  return (
    <dl className="facts">
      {shown.map((name) => {
        const value = data[name]
        const inner = schemaAt(schema, [name])
        const title = inner.title ?? name
        const wide = isRows(value) || (typeof value === 'object' && value !== null && !Array.isArray(value)) || (typeof value === 'string' && value.length > 40)
        return (
          <div key={name} className={wide ? 'fact fact-wide' : 'fact'}>
            <dt>
              {title} {mark?.(name)}
            </dt>
            <dd>
              {isRows(value) ? (
                <Rows rows={value} schema={asSchema(inner.items)} />
              ) : typeof value === 'object' && value !== null && !Array.isArray(value) ? (
                <DataView data={value} schema={inner} />
              ) : (
                <Value value={value} schema={inner} />
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
