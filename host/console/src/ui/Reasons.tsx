/** Why: sentences, each with where its rule comes from. */
import type { Reason } from '../api/types'
import { BasisMark } from './Tags'

export function Reasons({ reasons, none = '没有列出理由' }: { reasons: Reason[]; none?: string }) {
  if (reasons.length === 0) return <p className="dim">{none}</p>
  return (
    <ol className="reasons">
      {reasons.map((reason) => (
        <li key={`${reason.text}${reason.basis.article}`}>
          <span className="reason-text">{reason.text}</span>
          <BasisMark basis={reason.basis} />
        </li>
      ))}
    </ol>
  )
}
