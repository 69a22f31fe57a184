/** Data that a pack collected, drawn from the schema that it was given under. Everything is text; nothing is interpreted. */
import type { ReactNode } from 'react'
import type { Json, JsonObject } from '../api/types'
import { asSchema, type Schema } from '../forms/schema'
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

function columns(schema: Schema, rows: JsonObject[]): string[] {
  const declared = Object.keys(schema.properties ?? {})
  const found = rows.flatMap((row) => Object.keys(row))
  return [...new Set([...declared, ...found])].filter((name) => rows.some((row) => row[name] !== undefined && row[name] !== null))
}

function Rows({ rows, schema }: { rows: JsonObject[]; schema: Schema }) {
  const names = columns(schema, rows)
  return (
    <div className="grid-scroll">
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">#</th>
            {names.map((name) => (
              <th key={name} scope="col">
                {asSchema(schema.properties?.[name]).title ?? name}
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
                <td key={name}>{valueWords(row[name], asSchema(schema.properties?.[name]))}</td>
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
  const names = [...new Set([...Object.keys(schema.properties ?? {}), ...Object.keys(data)])]
  const shown = names.filter((name) => data[name] !== undefined)
  if (shown.length === 0) return <p className="dim">没有可以显示的内容</p>
  return (
    <dl className="facts">
      {shown.map((name) => {
        const value = data[name]
        const inner = asSchema(schema.properties?.[name])
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
                valueWords(value, inner)
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
