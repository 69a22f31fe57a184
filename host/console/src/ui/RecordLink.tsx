/** A link to a record by what it is called. One that this person does not see is text, not a way into a refusal. */
import { Link } from '@tanstack/react-router'
import type { EntityRef, RecordRef } from '../api/types'

export function RecordLink({ record: { id, kind, title } }: { record: RecordRef }) {
  if (kind === 'case')
    return (
      <Link to="/cases/$id" params={{ id }}>
        {title}
      </Link>
    )
  if (kind === 'risk')
    return (
      <Link to="/risks/$id" params={{ id }}>
        {title}
      </Link>
    )
  if (kind === 'entity')
    return (
      <Link to="/entities/$id" params={{ id }}>
        {title}
      </Link>
    )
  return <span className="dim">{title}</span>
}

/** The same for an entity in a line: one that is not seen has no kind of its own. */
export function EntityLink({ entity: { id, kind, name } }: { entity: EntityRef }) {
  return <RecordLink record={{ id, kind: kind === 'entity' ? null : 'entity', title: name }} />
}
