import { useQuery } from '@tanstack/react-query'
import { Collapse, Empty } from 'antd'
import { packsQuery } from '../api/queries'
import type { PackView } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const STATES: Record<string, [string, string]> = {
  active: ['启用', 'tag-good'],
  installed: ['已装未启用', 'tag-quiet'],
  superseded: ['已被新版替代', 'tag-quiet'],
  quarantined: ['已隔离', 'tag-bad'],
  disabled: ['停用', 'tag-quiet'],
}

const IMPORTS: Record<string, string> = {
  entities: '实体',
  cases: '案件',
  risks: '风险',
  duties: '职责',
  data: '统计',
  events: '事件',
  calendar: '日历时限',
  log: '运行日志',
}

interface GrantLike {
  allows?: { imports?: string[]; reads?: string[]; writes?: string[]; publishes?: string[]; hears?: string[]; ceiling?: string }
  duty_division?: string
  purposes?: string[]
  approved_by?: string
  approved_at?: string | number
}

function words(list: string[] | undefined): string {
  return list && list.length > 0 ? list.join('、') : '无'
}

function Grant({ grant }: { grant: unknown }) {
  if (typeof grant !== 'object' || grant === null) return <p className="dim">没有授权，插件不会被调用</p>
  const { allows, purposes, duty_division: division, approved_by: by, approved_at: at } = grant as GrantLike
  const rows: [string, string][] = [
    ['可用接口', words(allows?.imports?.map((name) => IMPORTS[name] ?? name))],
    ['可读', words(allows?.reads)],
    ['可写', words(allows?.writes)],
    ['可发布', words(allows?.publishes)],
    ['可接收', words(allows?.hears)],
    ['数据分级上限', allows?.ceiling ?? '—'],
    ['目的', words(purposes)],
    ['职责范围', division ?? '—'],
    ['批准', `${by ?? '—'}，${dateTime(at)}`],
  ]
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd className="break">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Pack({ pack }: { pack: PackView }) {
  const [word, tone] = STATES[pack.state] ?? [pack.state, 'tag-quiet']
  return (
    <Panel
      title={
        <>
          {pack.title} <span className="dim">{pack.version}</span>
        </>
      }
      extra={<span className={`tag ${tone}`}>{word}</span>}
    >
      <dl className="facts">
        <div className="fact">
          <dt>名称</dt>
          <dd className="code">{pack.name}</dd>
        </div>
        <div className="fact fact-wide">
          <dt>摘要值（SHA-256）</dt>
          <dd className="code break">{pack.digest}</dd>
        </div>
      </dl>
      {pack.reason && <p className="pack-reason">{pack.reason}。其案件仍可查看、流转和计时；查明原因后由管理员恢复。</p>}
      <Collapse ghost size="small" items={[{ key: 'grant', label: '授权范围', children: <Grant grant={pack.grant} /> }]} />
    </Panel>
  )
}

export function Packs() {
  const packs = useQuery(packsQuery)
  return (
    <div className="page">
      <h1 className="page-title">插件</h1>
      <Loaded query={packs}>
        {(list) => (list.length === 0 ? <Empty description="还没有安装插件；请用命令行安装并批准授权" /> : <div className="businesses">{list.map((pack) => <Pack key={pack.digest} pack={pack} />)}</div>)}
      </Loaded>
    </div>
  )
}
