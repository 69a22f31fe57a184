import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Tooltip } from 'antd'
import { entityQuery } from '../api/queries'
import type { EntityDetail } from '../api/types'
import { asSchema } from '../forms/schema'
import { DataView } from '../ui/DataView'
import { Duties } from '../ui/Duties'
import { LightTag } from '../ui/Light'
import { Loaded, Panel } from '../ui/Panel'
import { ActionsPanel } from '../ui/Rail'
import { Protected } from '../ui/Protected'
import { RecordHead } from '../ui/RecordHead'
import { ViewPanel } from '../ui/View'
import { LevelTag, StageTag } from '../ui/Tags'
import { kindTitle, schemeTitle } from '../ui/words'

const route = getRouteApi('/shell/entities/$id')

const TAGS: Record<string, string> = {
  personal: '个人信息',
  sensitive: '敏感',
  under14: '不满十四周岁',
  minor: '未成年人',
  health: '健康',
  location: '行踪',
  finance: '财务',
  sealed: '封存',
  informant: '举报人',
}

interface LabelLike {
  level?: unknown
  tags?: unknown
}

/** A field's classification, small, from level 3 upwards: who reads it shall know what it is. */
function Classified({ label }: { label: unknown }) {
  if (typeof label !== 'object' || label === null) return null
  const { level, tags } = label as LabelLike
  if (typeof level !== 'string' || level === 'L1' || level === 'L2') return null
  const words = Array.isArray(tags) ? tags.map((tag) => TAGS[String(tag)] ?? String(tag)).join('、') : ''
  return (
    <Tooltip title={`数据分级 ${level}${words ? `：${words}` : ''}`}>
      <span className="classified">{level === 'Important' ? '重要' : level}</span>
    </Tooltip>
  )
}

function Related({ found }: { found: EntityDetail }) {
  if (found.cases.length + found.risks.length === 0) return <p className="dim">没有相关案件和风险</p>
  return (
    <ul className="lines">
      {found.risks.map((risk) => (
        <li key={risk.id}>
          <Link to="/risks/$id" params={{ id: risk.id }}>
            <span className="line-title">{risk.title}</span>
            <span className="line-foot">风险 · {risk.type_title}</span>
          </Link>
          <span className="line-end">
            {risk.level ? <LevelTag level={risk.level} /> : <LevelTag level={risk.advised} advised />}
            <StageTag stage={risk.stage} />
          </span>
        </li>
      ))}
      {found.cases.map((item) => (
        <li key={item.id}>
          <Link to="/cases/$id" params={{ id: item.id }}>
            <span className="line-title">{item.title}</span>
            <span className="line-foot">
              案件 · <span className="code">{item.code}</span>
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

function EntityView({ found }: { found: EntityDetail }) {
  return (
    <div className="page">
      <RecordHead
        title={found.name}
        over={<span>{kindTitle(found.kind)}</span>}
        marks={null}
        facts={[['属地', found.division_name], ...found.identifiers.map(({ scheme, masked }) => [schemeTitle(scheme), <span key={scheme} className="code">{masked}</span>] as [string, React.ReactNode])]}
      />
      <Protected record={found.id} access={found.access} />
      <div className="with-rail">
        <div className="stack">
          {found.facets.length === 0 && (
            <Panel title="档案">
              <p className="dim">没有您可以查看的档案。如工作确需，请说明用途并申请授权。</p>
            </Panel>
          )}
          {found.facets.map((facet) => (
            <Panel key={facet.name} title={facet.title}>
              <DataView data={facet.data as never} schema={asSchema(facet.schema)} mark={(field) => <Classified label={(facet.labels as Record<string, unknown>)[field]} />} />
            </Panel>
          ))}
          {found.views.map((view) => (
            <ViewPanel key={`${view.pack}/${view.name}`} view={view} subject={found.id} />
          ))}
          {found.duties.length > 0 && (
            <Panel title="职责">
              <Duties duties={found.duties} />
            </Panel>
          )}
          <Panel title="相关风险和案件" flush>
            <div className="flush-pad">
              <Related found={found} />
            </div>
          </Panel>
        </div>
        <aside className="rail" aria-label="可以办理的业务">
          <ActionsPanel actions={found.actions} subject={found.id} />
        </aside>
      </div>
    </div>
  )
}

export function Entity() {
  const { id } = route.useParams()
  const found = useQuery(entityQuery(id))
  return <Loaded query={found}>{(data) => <EntityView key={data.id} found={data} />}</Loaded>
}
