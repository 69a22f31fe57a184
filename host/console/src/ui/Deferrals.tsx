/** Telling a person later, as a case says it to those who may know: what is asked for, what is in force and until when, and the way to ask. */
import { Link } from '@tanstack/react-router'
import type { CaseDetail } from '../api/types'
import { Panel } from './Panel'
import { dateTime } from './time'

export function CaseDeferrals({ found }: { found: CaseDetail }) {
  const { asks, items } = found.deferrals
  const persons = found.parties.some(({ kind }) => kind === 'person')
  if (items.length === 0 && !(asks && persons)) return null
  const name = (entity: string) => found.parties.find((party) => party.entity === entity)?.name ?? '当事人'
  return (
    <Panel title="延后告知">
      {items.map((one) => (
        <p key={one.id}>
          {name(one.subject)}：{one.state_title}
          {one.until && `，至 ${dateTime(one.until)}`}
          <span className="dim">（{one.ground}）。不得告知本人。</span>
        </p>
      ))}
      {asks && persons && (
        <Link to="/deferrals" search={{ matter: found.id }}>
          申请延后告知当事人
        </Link>
      )}
    </Panel>
  )
}
