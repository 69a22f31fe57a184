/** What a plan means for each case: old and new end, the light before and after, what is missing, and why. */
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Button, type TableColumnsType, Tooltip } from 'antd'
import { sessionQuery } from '../api/queries'
import type { UpgradeItem } from '../api/types'
import { worksOnRecords } from '../shell/places'
import { LightTag } from './Light'
import { RecordTable } from './RecordTable'
import { BasisMark } from './Tags'
import { dateTime } from './time'
import { canUndo } from './upgrades'
import type { usePages } from './usePages'

export function Due({ item }: { item: UpgradeItem }) {
  if (item.old_due === item.new_due) return <span>{dateTime(item.old_due)}</span>
  return (
    <span className="due-change">
      <s className="dim">{dateTime(item.old_due)}</s>
      <b>{dateTime(item.new_due)}</b>
    </span>
  )
}

function Lights({ item }: { item: UpgradeItem }) {
  const light = (state: UpgradeItem['old_light']) => <LightTag light={{ state, text: '', due: null }} />
  if (!item.light_changes) return light(item.new_light)
  return (
    <span className="due-change">
      {light(item.old_light)}
      <span className="light-then">变为 {light(item.new_light)}</span>
    </span>
  )
}

/** A field of a form, and the stage from which it must be filled in. */
function missingWords(fields: UpgradeItem['missing']): string {
  return fields.map(({ form, field, from }) => `${form}／${field}（${from}起）`).join('、')
}

export function Why({ item }: { item: UpgradeItem }) {
  return (
    <div className="upgrade-why">
      <p>{item.reason}</p>
      {item.left && <p className="must-read">{item.left}</p>}
      {item.clocks.map((clock) => (
        <p key={clock.name} className="dim">
          “{clock.name}”由{clock.old_limit}改为{clock.new_limit}
        </p>
      ))}
      {item.missing.length > 0 && <p className="must-read">现在缺：{missingWords(item.missing)}</p>}
      {item.upcoming.length > 0 && <p className="dim">以后要填：{missingWords(item.upcoming)}</p>}
      {item.function && <p className="dim">改由“{item.function}”承办</p>}
      {item.rule && !item.reason.includes(item.rule) && <p className="dim">{item.rule}</p>}
      {item.basis && <BasisMark basis={item.basis} />}
    </div>
  )
}

/** A case of a plan, as a row. */
type Row = UpgradeItem & { id: string }

interface UpgradeCasesProps {
  cases: ReturnType<typeof usePages<UpgradeItem>>
  onUndo: (item: UpgradeItem) => void
  /** Why nobody's case can be taken back by this person now. */
  whyNotUndo: string | null
}

export function UpgradeCases({ cases, onUndo, whyNotUndo }: UpgradeCasesProps) {
  const navigate = useNavigate()
  const { data: session } = useSuspenseQuery(sessionQuery)
  // System and security administrators see no business data: a link would only lead to a refusal.
  const reads = worksOnRecords(session)
  const columns: TableColumnsType<Row> = [
    {
      title: '案件',
      key: 'code',
      width: 196,
      render: (_, item) =>
        reads ? (
          <Link to="/cases/$id" params={{ id: item.case }} className="code">
            {item.code}
          </Link>
        ) : (
          <span className="code">{item.code}</span>
        ),
    },
    { title: '属地', dataIndex: 'division', width: 96 },
    { title: '到期', key: 'due', width: 134, render: (_, item) => <Due item={item} /> },
    { title: '灯', key: 'light', width: 108, render: (_, item) => <Lights item={item} /> },
    { title: '原因', key: 'why', render: (_, item) => <Why item={item} /> },
    {
      title: '处理',
      key: 'state',
      width: 96,
      render: (_, item) => {
        if (!canUndo(item)) return item.state_title
        const whyNot = whyNotUndo
        const button = (
          <Button size="small" disabled={whyNot !== null} aria-label={`撤回 ${item.code}`} onClick={() => onUndo(item)}>
            撤回
          </Button>
        )
        return (
          <span className="due-change">
            {item.state_title}
            {whyNot ? <Tooltip title={whyNot}>{button}</Tooltip> : button}
          </span>
        )
      },
    },
  ]
  const list = { ...cases, items: cases.items.map((item): Row => ({ ...item, id: item.case })) }
  return <RecordTable<Row> label="方案中的案件" list={list} columns={columns} search={false} width={860} none="这一类没有案件" onOpen={(item) => reads && void navigate({ to: '/cases/$id', params: { id: item.case } })} />
}
