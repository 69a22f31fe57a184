import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import type { ReactNode } from 'react'
import { casesQuery, risksQuery } from '../api/queries'
import type { CaseItem, RiskItem } from '../api/types'
import { LightTag, urgency } from '../ui/Light'
import { Loaded, Panel } from '../ui/Panel'
import { LevelTag, StageTag } from '../ui/Tags'
import { dueToday } from '../ui/time'

const ROWS = 12
const FEW = 5
const READ = 100

interface Pages<T> {
  pages: { items: T[]; next?: string | null }[]
}

function all<T>(data: Pages<T> | undefined): { items: T[]; more: boolean } | undefined {
  if (!data) return undefined
  return { items: data.pages.flatMap((page) => page.items), more: data.pages.some((page) => page.next) }
}

function Figure({ title, count, more, tone, to }: { title: string; count: number | undefined; more: boolean; tone: string; to: ReactNode }) {
  return (
    <div className={`figure figure-${count ? tone : 'quiet'}`}>
      <span className="figure-title">{title}</span>
      <span className="figure-number">
        {count ?? '…'}
        {more && '+'}
      </span>
      {to}
    </div>
  )
}

function CaseLines({ items, none, rows = ROWS }: { items: CaseItem[]; none: string; rows?: number }) {
  if (items.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={none} />
  return (
    <ul className="lines">
      {items.slice(0, rows).map((item) => (
        <li key={item.id}>
          <Link to="/cases/$id" params={{ id: item.id }}>
            <span className="line-title">{item.title}</span>
            <span className="line-foot">
              <span className="code">{item.code}</span> {item.matter_title} · {item.division_name}
            </span>
          </Link>
          <span className="line-end">
            <StageTag stage={item.stage} />
            <LightTag light={item.light} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function RiskLines({ items }: { items: RiskItem[] }) {
  if (items.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有等待定级的风险" />
  return (
    <ul className="lines">
      {items.slice(0, FEW).map((item) => (
        <li key={item.id}>
          <Link to="/risks/$id" params={{ id: item.id }}>
            <span className="line-title">{item.title}</span>
            <span className="line-foot">
              {item.type_title} · {item.subject.name} · {item.division_name}
            </span>
          </Link>
          <span className="line-end">
            <StageTag stage={item.stage} />
            <LevelTag level={item.advised} advised />
          </span>
        </li>
      ))}
    </ul>
  )
}

export function Desk() {
  const overdue = useInfiniteQuery(casesQuery({ light: 'overdue' }, READ))
  const immediate = useInfiniteQuery(casesQuery({ light: 'immediate' }, READ))
  const soon = useInfiniteQuery(casesQuery({ light: 'soon' }, READ))
  const found = useInfiniteQuery(risksQuery({ stage: 'found' }, READ))
  const listed = useInfiniteQuery(risksQuery({ stage: 'listed' }, READ))

  const late = all(overdue.data)
  const now = all(immediate.data)
  const next = all(soon.data)
  const today = next && { ...next, items: next.items.filter((item) => dueToday(item.light.due)) }
  const fresh = [all(found.data), all(listed.data)]
  const newRisks = fresh[0] && fresh[1] ? { items: [...fresh[0].items, ...fresh[1].items], more: fresh[0].more || fresh[1].more } : undefined
  const urgent = late && now ? [...late.items, ...now.items].sort((a, b) => urgency(a.light.state) - urgency(b.light.state) || (a.light.due ?? '').localeCompare(b.light.due ?? '')) : undefined

  return (
    <div className="page">
      <h1 className="page-title">工作台</h1>
      <div className="figures">
        <Figure title="已逾期" count={late?.items.length} more={late?.more ?? false} tone="overdue" to={<Link to="/cases" search={{ light: 'overdue' }}>看清单</Link>} />
        <Figure title="须立即办" count={now?.items.length} more={now?.more ?? false} tone="overdue" to={<Link to="/cases" search={{ light: 'immediate' }}>看清单</Link>} />
        <Figure title="今日到期" count={today?.items.length} more={today?.more ?? false} tone="soon" to={<Link to="/cases" search={{ light: 'soon' }}>看临期</Link>} />
        <Figure title="临期" count={next?.items.length} more={next?.more ?? false} tone="soon" to={<Link to="/cases" search={{ light: 'soon' }}>看清单</Link>} />
        <Figure title="新增风险待定级" count={newRisks?.items.length} more={newRisks?.more ?? false} tone="risk" to={<Link to="/risks">看清单</Link>} />
      </div>
      <div className="desk">
        <Panel title="先办：逾期和须立即办" flush extra={<Link to="/cases">全部案件</Link>}>
          <Loaded query={{ data: urgent, error: overdue.error ?? immediate.error, isPending: overdue.isPending, refetch: () => void overdue.refetch() }}>
            {(items) => <CaseLines items={items} none="没有逾期或须立即办的案件" />}
          </Loaded>
        </Panel>
        <div className="stack">
          <Panel title="新增风险" flush extra={<Link to="/risks">风险清单</Link>}>
            <Loaded query={{ data: newRisks, error: found.error ?? listed.error, isPending: found.isPending, refetch: () => void Promise.all([found.refetch(), listed.refetch()]) }}>
              {({ items }) => <RiskLines items={items} />}
            </Loaded>
          </Panel>
          <Panel title="临期" flush extra={<Link to="/cases" search={{ light: 'soon' }}>全部临期</Link>}>
            <Loaded query={{ data: next, error: soon.error, isPending: soon.isPending, refetch: () => void soon.refetch() }}>
              {({ items }) => <CaseLines items={items} none="没有临期的案件" rows={FEW} />}
            </Loaded>
          </Panel>
        </div>
      </div>
    </div>
  )
}
