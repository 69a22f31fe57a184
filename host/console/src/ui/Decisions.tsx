/** What packs decided about a record, each with its reasons. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import { decisionQuery } from '../api/queries'
import type { CaseDetail } from '../api/types'
import { Loaded, Panel } from './Panel'
import { Reasons } from './Reasons'
import { dateTime } from './time'

function DecisionNote({ id, at, summary }: { id: string; at: string; summary: string }) {
  const decision = useQuery(decisionQuery(id))
  return (
    <Panel
      title={summary}
      extra={
        <Link to="/decisions/$id" params={{ id }}>
          全部依据和重放
        </Link>
      }
    >
      <p className="dim">{dateTime(at)}</p>
      <Loaded query={decision} rows={2}>
        {(data) => <Reasons reasons={data.outcome.reasons} />}
      </Loaded>
    </Panel>
  )
}

export function Decisions({ decisions }: { decisions: CaseDetail['decisions'] }) {
  if (decisions.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="此件还没有插件作出的判断" />
  return (
    <div className="stack">
      {decisions.map((decision) => (
        <DecisionNote key={decision.id} {...decision} />
      ))}
    </div>
  )
}
