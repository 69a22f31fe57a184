import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import type { ReactNode } from 'react'
import { casesQuery, dutiesQuery, figuresQuery, risksQuery } from '../api/queries'
import type { CaseItem, RiskItem } from '../api/types'
import { Duties } from '../ui/Duties'
import { LightTag, urgency } from '../ui/Light'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { LevelTag, StageTag } from '../ui/Tags'
import { UnconfirmedPanel } from '../ui/Unconfirmed'

const ROWS = 12
const FEW = 5

interface Pages<T> {
  pages: { items: T[] }[]
}

function all<T>(data: Pages<T> | undefined): T[] | undefined {
  return data?.pages.flatMap((page) => page.items)
}

function Figure({ title, count, tone, to }: { title: string; count: number | undefined; tone: string; to: ReactNode }) {
  return (
    <div className={`figure figure-${count ? tone : 'quiet'}`}>
      <span className="figure-title">{title}</span>
      <span className="figure-number">{count ?? '…'}</span>
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
            <span className="line-foot" title={item.unit_name}>
              <span className="code">{item.code}</span> · {item.division_name} · {item.unit_name}
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
  const figures = useQuery(figuresQuery)
  const overdue = useInfiniteQuery(casesQuery({ light: 'overdue' }, ROWS))
  const immediate = useInfiniteQuery(casesQuery({ light: 'immediate' }, ROWS))
  const soon = useInfiniteQuery(casesQuery({ light: 'soon' }, ROWS))
  const duties = useInfiniteQuery(dutiesQuery('open', ROWS))
  const found = useInfiniteQuery(risksQuery({ stage: 'found' }, FEW))
  const listed = useInfiniteQuery(risksQuery({ stage: 'listed' }, FEW))

  const late = all(overdue.data)
  const now = all(immediate.data)
  const fresh = [all(found.data), all(listed.data)]
  const urgent = late && now ? [...late, ...now].sort((a, b) => urgency(a.light.state) - urgency(b.light.state) || (a.light.due ?? '').localeCompare(b.light.due ?? '')) : undefined
  const count = figures.data

  return (
    <div className="page">
      <h1 className="page-title">工作台</h1>
      {figures.error && <ProblemNote error={figures.error} onRetry={() => void figures.refetch()} />}
      <div className="figures">
        <Figure title="已逾期" count={count?.overdue} tone="overdue" to={<span className="figure-links"><Link to="/cases" search={{ light: 'overdue' }}>看案件</Link><Link to="/duties" search={{ show: 'overdue' }}>看职责</Link></span>} />
        <Figure title="今日到期" count={count?.due_today} tone="soon" to={<Link to="/cases" search={{ light: 'soon' }}>看临期</Link>} />
        <Figure title="新增风险待定级" count={count?.new_risks} tone="risk" to={<Link to="/risks">看清单</Link>} />
        <Figure title="待履行职责" count={count?.open_duties} tone="risk" to={<Link to="/duties">看职责</Link>} />
        <Figure title="在办案件" count={count?.open_cases} tone="risk" to={<Link to="/cases">看案件</Link>} />
      </div>
      <div className="desk">
        <Panel title="先办：逾期和须立即办" flush extra={<Link to="/cases">全部案件</Link>}>
          <Loaded query={{ data: urgent, error: overdue.error ?? immediate.error, isPending: overdue.isPending, refetch: () => void Promise.all([overdue.refetch(), immediate.refetch()]) }}>
            {(items) => <CaseLines items={items} none="没有逾期或须立即办的案件" />}
          </Loaded>
        </Panel>
        <div className="stack">
          <UnconfirmedPanel />
          <Panel title="待履行职责" extra={<Link to="/duties">全部职责</Link>}>
            <Loaded query={{ data: all(duties.data), error: duties.error, isPending: duties.isPending, refetch: () => void duties.refetch() }} rows={2}>
              {(items) => <Duties linked duties={items.slice(0, FEW)} none="没有待履行的职责" />}
            </Loaded>
          </Panel>
          <Panel title="新增风险" flush extra={<Link to="/risks">风险清单</Link>}>
            <Loaded
              query={{
                data: fresh[0] && fresh[1] ? [...fresh[0], ...fresh[1]] : undefined,
                error: found.error ?? listed.error,
                isPending: found.isPending,
                refetch: () => void Promise.all([found.refetch(), listed.refetch()]),
              }}
            >
              {(items) => <RiskLines items={items} />}
            </Loaded>
          </Panel>
          <Panel title="临期" flush extra={<Link to="/cases" search={{ light: 'soon' }}>全部临期</Link>}>
            <Loaded query={{ data: all(soon.data), error: soon.error, isPending: soon.isPending, refetch: () => void soon.refetch() }}>
              {(items) => <CaseLines items={items} none="没有临期的案件" rows={FEW} />}
            </Loaded>
          </Panel>
        </div>
      </div>
    </div>
  )
}
