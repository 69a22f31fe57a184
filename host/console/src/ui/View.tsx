/** A view that a pack declared, drawn by the host: plain values under declared headings, as table, cards, figures or chart. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import { ApiError } from '../api/problem'
import { viewQuery } from '../api/queries'
import type { Json, JsonObject, ViewOffer, ViewTable } from '../api/types'
import { Loaded, Panel } from './Panel'
import { dateTime } from './time'

/** A value in a cell. What the host did not state, because it is too small or not seen, is no zero. */
export function cell(value: Json | undefined): string {
  if (value === undefined || value === null) return '不显示'
  if (value === '') return '—'
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (typeof value === 'object') return JSON.stringify(value)
  return String(value)
}

function First({ row, text }: { row: JsonObject; text: string }) {
  if (typeof row.id !== 'string') return <>{text}</>
  return (
    <Link to="/records/$id" params={{ id: row.id }}>
      {text}
    </Link>
  )
}

function Table({ view, rows }: { view: ViewTable; rows: JsonObject[] }) {
  return (
    <div className="grid-scroll">
      <table className="plain-table" aria-label={view.title}>
        <thead>
          <tr>
            {view.columns.map(({ field, title }) => (
              <th key={field} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={typeof row.id === 'string' ? row.id : index}>
              {view.columns.map(({ field }, at) => (
                <td key={field}>{at === 0 ? <First row={row} text={cell(row[field])} /> : cell(row[field])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cards({ view, rows }: { view: ViewTable; rows: JsonObject[] }) {
  return (
    <ul className="view-cards">
      {rows.map((row, index) => (
        <li key={typeof row.id === 'string' ? row.id : index}>
          <dl className="facts facts-narrow">
            {view.columns.map(({ field, title }, at) => (
              <div key={field} className="fact">
                <dt>{title}</dt>
                <dd>{at === 0 ? <First row={row} text={cell(row[field])} /> : cell(row[field])}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  )
}

/** The columns of a figure or a bar: of what, and how much. */
function pair(view: ViewTable): [string, string, string] {
  const [name, number] = view.columns
  return [name?.field ?? '', number?.field ?? '', number?.title ?? '']
}

function Figures({ view, rows }: { view: ViewTable; rows: JsonObject[] }) {
  const [name, number] = pair(view)
  return (
    <dl className="view-figures">
      {rows.map((row) => (
        <div key={cell(row[name])}>
          <dt>{cell(row[name])}</dt>
          <dd>{cell(row[number])}</dd>
        </div>
      ))}
    </dl>
  )
}

function Chart({ view, rows }: { view: ViewTable; rows: JsonObject[] }) {
  const [name, number, unit] = pair(view)
  const size = (row: JsonObject) => (typeof row[number] === 'number' ? Math.max(0, row[number]) : 0)
  const most = Math.max(1, ...rows.map(size))
  return (
    <ul className="view-chart" aria-label={view.title}>
      {rows.map((row) => (
        <li key={cell(row[name])}>
          <span className="bar-name">{cell(row[name])}</span>
          <span className="bar" aria-hidden="true">
            {size(row) > 0 && <span style={{ width: `${(size(row) / most) * 100}%` }} />}
          </span>
          <span className="bar-number">
            {cell(row[number])}
            {typeof row[number] === 'number' && ` ${unit}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

const SHAPES: Record<string, typeof Table> = { table: Table, card: Cards, figures: Figures, chart: Chart }

/** A view's rows, as it declares to be drawn. */
export function Drawn({ view }: { view: ViewTable }) {
  const Shape = SHAPES[view.shape] ?? Table
  const rows = view.rows as JsonObject[]
  if (rows.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="目前没有可以列出的内容" />
  return (
    <>
      <Shape view={view} rows={rows} />
      <p className="view-foot">
        由“{view.pack_title}”计算，只含您可见范围，截至 {dateTime(view.at)}
        {view.shape === 'table' && `，共 ${rows.length} 行`}
        {rows.some((row) => view.columns.some(({ field }) => (row[field] ?? null) === null)) && '；“不显示”的数目太小或超出您的查阅级别，不等于 0'}
      </p>
    </>
  )
}

/** A view in a panel of its own: what goes wrong in a pack stays in it. */
export function ViewPanel({ view, subject }: { view: ViewOffer; subject?: string }) {
  const found = useQuery(viewQuery(view.pack, view.name, subject))
  // A list that this post may not have is no fault: there is nothing to try again.
  const withheld = found.error instanceof ApiError && found.error.status === 403
  return (
    <Panel title={view.title} className={view.shape === 'table' || view.shape === 'card' ? 'view-wide' : ''}>
      {withheld ? (
        <p className="dim">您的岗位不能查看这里所用的数据；如工作确需，请向本单位管理员说明用途并申请权限。</p>
      ) : (
        <Loaded query={found} rows={2}>
          {(data) => <Drawn view={data} />}
        </Loaded>
      )}
    </Panel>
  )
}
