import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { recordQuery } from '../api/queries'
import { Loaded } from '../ui/Panel'

const route = getRouteApi('/shell/records/$id')

/** An id says nothing about what it names: the server knows, and this goes there. */
export function Record() {
  const { id } = route.useParams()
  const found = useQuery(recordQuery(id))
  return (
    <Loaded query={found}>
      {({ kind }) =>
        kind === 'case' ? (
          <Navigate to="/cases/$id" params={{ id }} replace />
        ) : kind === 'risk' ? (
          <Navigate to="/risks/$id" params={{ id }} replace />
        ) : kind === 'duty' ? (
          <Navigate to="/duties" replace />
        ) : (
          <Navigate to="/entities/$id" params={{ id }} replace />
        )
      }
    </Loaded>
  )
}
