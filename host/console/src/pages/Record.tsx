import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { ApiError } from '../api/problem'
import { caseQuery, entityQuery, riskQuery } from '../api/queries'
import { Loaded } from '../ui/Panel'

const route = getRouteApi('/shell/records/$id')

/** An id says nothing about what it names; this finds out, and goes there. */
export function Record() {
  const { id } = route.useParams()
  const queryClient = useQueryClient()
  const kind = useQuery({
    queryKey: ['kind', id],
    staleTime: Infinity,
    queryFn: async () => {
      const tries = [
        ['case', () => queryClient.fetchQuery(caseQuery(id))],
        ['risk', () => queryClient.fetchQuery(riskQuery(id))],
        ['entity', () => queryClient.fetchQuery(entityQuery(id))],
      ] as const
      let last: unknown
      for (const [name, read] of tries) {
        try {
          await read()
          return name
        } catch (error) {
          if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 409 && error.status !== 422)) throw error
          last = error
        }
      }
      throw last
    },
  })
  return (
    <Loaded query={kind}>
      {(name) => (name === 'case' ? <Navigate to="/cases/$id" params={{ id }} replace /> : name === 'risk' ? <Navigate to="/risks/$id" params={{ id }} replace /> : <Navigate to="/entities/$id" params={{ id }} replace />)}
    </Loaded>
  )
}
