/** What a version asks for beyond the one in force, and who has answered: what an approver reads before agreeing. */
import type { GrantLine, GrantRequest } from '../api/types'
import { dateTime } from '../ui/time'

function Lines({ lines, sign }: { lines: GrantLine[]; sign: '+' | '−' }) {
  return (
    <ul className={sign === '+' ? 'grant-lines grant-more' : 'grant-lines'}>
      {lines.map((line) => (
        <li key={line.text}>
          <span className="grant-sign" aria-hidden>
            {sign}
          </span>
          <span>
            {line.text} {line.sensitive && <span className="tag tag-bad">敏感：{line.sensitive}</span>}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** `only`: there is no other version that it could be compared with. */
export function GrantDifference({ request, only = false }: { request: Pick<GrantRequest, 'more' | 'less' | 'refers_to'>; only?: boolean }) {
  const { more, less, refers_to: before } = request
  if (more.length === 0 && less.length === 0) return <p className="dim">与现行版本所获授权相同{before ? `，沿用 ${before} 版的批准` : ''}</p>
  return (
    <div className="stack">
      {more.length === 0 ? <p>没有要求更多。</p> : <h3 className="sub-title">{only ? '要求' : '多要求'} {more.length} 项</h3>}
      <Lines lines={more} sign="+" />
      {less.length > 0 && <h3 className="sub-title">不再要求 {less.length} 项</h3>}
      <Lines lines={less} sign="−" />
    </div>
  )
}

const STATES: Record<string, string> = { open: '等待批准', approved: '已批准', refused: '已退回', replaced: '已被新的申请替代' }

export function GrantAnswers({ request }: { request: GrantRequest }) {
  return (
    <>
      <p>
        {STATES[request.state] ?? request.state}
        <span className="dim">
          {' '}
          {request.asked_by}，{dateTime(request.asked_at)} 提出
        </span>
      </p>
      <ul className="approvals">
        {request.answers.map((answer) => (
          <li key={answer.role.role}>
            <span className={`tag ${answer.approved ? 'tag-good' : 'tag-bad'}`}>
              {answer.role.title}
              {answer.approved ? '已批准' : '已退回'}
            </span>
            <span className="dim">
              {answer.name}，{dateTime(answer.at)}
            </span>
            {answer.reason && <span>{answer.reason}</span>}
          </li>
        ))}
        {request.state === 'open' &&
          request.awaited.map(({ role, title }) => (
            <li key={role}>
              <span className="tag tag-policy">等待{title}</span>
            </li>
          ))}
      </ul>
    </>
  )
}
