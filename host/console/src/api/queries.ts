/** What the pages read, with the keys under which it is kept. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { api, call, setCsrf } from './client'
import type { AuditFilter, CaseFilter, EntityFilter, RiskFilter, UpgradeFilter } from './types'

const PAGE = 50

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    const session = await call(api.GET('/api/v1/session'))
    setCsrf(session.csrf)
    return session
  },
  staleTime: Infinity,
  retry: false,
})

/** How one may sign in here. */
export const waysQuery = queryOptions({ queryKey: ['ways'], queryFn: () => call(api.GET('/api/v1/session/ways')), staleTime: Infinity, retry: false })

/** One's own second factors and sessions. */
export const securityQuery = queryOptions({ queryKey: ['security'], queryFn: () => call(api.GET('/api/v1/session/security')) })

export const noticesQuery = queryOptions({ queryKey: ['notices'], queryFn: () => call(api.GET('/api/v1/notices')), refetchInterval: 60_000 })

export const accountsQuery = queryOptions({ queryKey: ['accounts'], queryFn: () => call(api.GET('/api/v1/accounts')) })

export const accountChangesQuery = queryOptions({ queryKey: ['account-changes'], queryFn: () => call(api.GET('/api/v1/accounts/changes')) })

/** Where one stands with emergency access. */
export const emergencyQuery = queryOptions({ queryKey: ['emergency'], queryFn: () => call(api.GET('/api/v1/emergency')), refetchInterval: 30_000 })

export const emergenciesQuery = queryOptions({ queryKey: ['emergencies'], queryFn: () => call(api.GET('/api/v1/emergencies')) })

export const interfaceQuery = queryOptions({
  queryKey: ['interface'],
  queryFn: () => call(api.GET('/api/v1/interface')),
  staleTime: 60_000,
})

export const casesQuery = (filter: CaseFilter, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['cases', filter, limit],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/cases', { params: { query: { ...filter, after: pageParam, limit } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ['case', id], queryFn: () => call(api.GET('/api/v1/cases/{id}', { params: { path: { id } } })) })

/** Openings of protected records: one's own, or those that one may approve. */
export const openingsQuery = (toApprove: boolean) =>
  queryOptions({ queryKey: ['openings', toApprove], queryFn: () => call(api.GET('/api/v1/openings', { params: { query: { to_approve: toApprove } } })), refetchInterval: 30_000 })

/** The state of the vault: no key is in it. */
export const vaultQuery = queryOptions({ queryKey: ['vault'], queryFn: () => call(api.GET('/api/v1/vault')), refetchInterval: 10_000 })

/** Erasures and stopped processing, the latest first. */
export const erasuresQuery = queryOptions({ queryKey: ['erasures'], queryFn: () => call(api.GET('/api/v1/erasures')), refetchInterval: 30_000 })

/** What the next run of the retention would do. */
export const endingsQuery = queryOptions({ queryKey: ['endings'], queryFn: () => call(api.GET('/api/v1/retention')) })

/** The legal holds in force. */
export const holdsQuery = queryOptions({ queryKey: ['holds'], queryFn: () => call(api.GET('/api/v1/legal-holds')) })

export const figuresQuery = queryOptions({ queryKey: ['figures'], queryFn: () => call(api.GET('/api/v1/figures')), refetchInterval: 60_000 })

/** Which duties a list shows. */
export type DutyShow = 'open' | 'overdue' | 'done'

export const dutiesQuery = (show: DutyShow, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['duties', show, limit],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/duties', { params: { query: { ...(show === 'overdue' ? { overdue: true } : { open: show === 'open' }), after: pageParam, limit } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const risksQuery = (filter: RiskFilter, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['risks', filter, limit],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/risks', { params: { query: { ...filter, after: pageParam, limit } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const riskQuery = (id: string) =>
  queryOptions({ queryKey: ['risk', id], queryFn: () => call(api.GET('/api/v1/risks/{id}', { params: { path: { id } } })) })

export const entitiesQuery = (filter: EntityFilter, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['entities', filter, limit],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/entities', { params: { query: { ...filter, after: pageParam, limit } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const entityQuery = (id: string) =>
  queryOptions({ queryKey: ['entity', id], queryFn: () => call(api.GET('/api/v1/entities/{id}', { params: { path: { id } } })) })

export const decisionQuery = (id: string) =>
  queryOptions({
    queryKey: ['decision', id],
    queryFn: () => call(api.GET('/api/v1/decisions/{id}', { params: { path: { id } } })),
    // A decision record never changes.
    staleTime: Infinity,
  })

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/audit', { params: { query: { ...filter, after: pageParam, limit: 100 } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

/** How it stands with the log. Looked at more often while a verification runs. */
export const auditStatusQuery = queryOptions({
  queryKey: ['audit-status'],
  queryFn: () => call(api.GET('/api/v1/audit/status')),
  refetchInterval: (query) => (query.state.data?.verifying ? 1_000 : 60_000),
})

/** One entry. It never changes, and each look at it is an entry itself: it is read once. */
export const auditEntryQuery = (index: number) =>
  queryOptions({ queryKey: ['audit-entry', index], queryFn: () => call(api.GET('/api/v1/audit/entries/{index}', { params: { path: { index } } })), staleTime: Infinity })

/** What a dossier would hold. Each look is in the log. */
export const dossierQuery = (matter: string) =>
  queryOptions({ queryKey: ['dossier', matter], queryFn: () => call(api.GET('/api/v1/audit/dossiers/{matter}', { params: { path: { matter } } })), retry: false, refetchOnWindowFocus: false })

export const viewsQuery = queryOptions({ queryKey: ['views'], queryFn: () => call(api.GET('/api/v1/views', { params: { query: {} } })) })

export const viewQuery = (pack: string, view: string, subject?: string) =>
  queryOptions({
    queryKey: ['view', pack, view, subject],
    queryFn: () => call(api.GET('/api/v1/views/{pack}/{view}', { params: { path: { pack, view }, query: { subject } } })),
    // A pack computes it: what was computed a moment ago will do.
    staleTime: 15_000,
  })

/** What an id names. */
export const recordQuery = (id: string) =>
  queryOptions({ queryKey: ['record', id], queryFn: () => call(api.GET('/api/v1/records/{id}', { params: { path: { id } } })) })

export const packsQuery = queryOptions({ queryKey: ['packs'], queryFn: () => call(api.GET('/api/v1/packs')) })

/** A pack's versions and what they were. */
export const packQuery = (name: string) =>
  queryOptions({ queryKey: ['pack', name], queryFn: () => call(api.GET('/api/v1/packs/{name}', { params: { path: { name } } })) })

/** How often long work is asked how far it is. */
const WATCH_MS = 1_000

export const upgradesQuery = queryOptions({
  queryKey: ['upgrades'],
  queryFn: () => call(api.GET('/api/v1/upgrades')),
  refetchInterval: ({ state }) => (state.data?.some(({ progress }) => progress.running) ? WATCH_MS : false),
})

export const upgradeQuery = (id: string) =>
  queryOptions({
    queryKey: ['upgrade', id],
    queryFn: () => call(api.GET('/api/v1/upgrades/{id}', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.progress.running ? WATCH_MS : false),
  })

/** Cases that plans left to a person, and that wait for this person's word; perhaps of one case. */
export const unconfirmedQuery = (id?: string) => queryOptions({ queryKey: ['unconfirmed', id], queryFn: () => call(api.GET('/api/v1/upgrades/unconfirmed', { params: { query: { case: id } } })) })

export const upgradeItemsQuery = (id: string, filter: UpgradeFilter, limit = PAGE) =>
  infiniteQueryOptions({
    queryKey: ['upgrade-items', id, filter, limit],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/upgrades/{id}/items', { params: { path: { id }, query: { ...filter, after: pageParam, limit } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const trialsQuery = (pack?: string) =>
  queryOptions({
    queryKey: ['trials', pack],
    queryFn: () => call(api.GET('/api/v1/trials', { params: { query: { pack } } })),
    refetchInterval: ({ state }) => (state.data?.some(({ progress }) => progress) ? WATCH_MS : false),
  })

export const trialQuery = (id: string) =>
  queryOptions({
    queryKey: ['trial', id],
    queryFn: () => call(api.GET('/api/v1/trials/{id}', { params: { path: { id } } })),
    // A shadow is running too, and has no progress of this kind.
    refetchInterval: ({ state }) => (state.data?.progress ? WATCH_MS : false),
  })

export const shadowQuery = (pack: string, version: string) =>
  queryOptions({
    queryKey: ['shadow', pack, version],
    queryFn: () => call(api.GET('/api/v1/trials/shadows/{pack}/{version}', { params: { path: { pack, version } } })),
    refetchInterval: ({ state }) => (state.data?.running ? 5 * WATCH_MS : false),
  })

/** What was asked about sealed records. */
export const sealingsQuery = () =>
  infiniteQueryOptions({
    queryKey: ['sealings'],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/sealings', { params: { query: { after: pageParam, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

/** A sealed record on the statutory road. Each reading is in the log, so it is read when somebody asks and never by itself. */
export const sealedMatterQuery = (id: string) =>
  queryOptions({
    queryKey: ['sealed-matter', id],
    queryFn: () => call(api.GET('/api/v1/sealings/{id}/matter', { params: { path: { id } } })),
    enabled: false,
    gcTime: 0,
  })

/** Who told about a matter; likewise. */
export const informantsQuery = (id: string) =>
  queryOptions({
    queryKey: ['informants', id],
    queryFn: () => call(api.GET('/api/v1/sealings/{id}/informants', { params: { path: { id } } })),
    enabled: false,
    gcTime: 0,
  })

/** Every attribute that is held, and every re-grading. */
export const catalogueQuery = queryOptions({ queryKey: ['catalogue'], queryFn: () => call(api.GET('/api/v1/catalogue')) })
export const cubesQuery = queryOptions({ queryKey: ['cubes'], queryFn: () => call(api.GET('/api/v1/cubes')), staleTime: 60_000 })

/** A registered figure over an area; without one, the person's own. */
export const cubeQuery = (name: string, area?: string) =>
  queryOptions({ queryKey: ['cube', name, area], queryFn: () => call(api.GET('/api/v1/cubes/{name}', { params: { path: { name }, query: { area } } })) })

export const exportsQuery = queryOptions({
  queryKey: ['exports'],
  queryFn: () => call(api.GET('/api/v1/exports')),
  refetchInterval: ({ state }) => (state.data?.some(({ state: stands }) => stands === 'approved') ? WATCH_MS : 30 * WATCH_MS),
})

export const exportColumnsQuery = (kind: string, facet?: string) =>
  queryOptions({ queryKey: ['export-columns', kind, facet], queryFn: () => call(api.GET('/api/v1/exports/columns', { params: { query: { kind, facet } } })), staleTime: 60_000 })

export const budgetsQuery = queryOptions({ queryKey: ['budgets'], queryFn: () => call(api.GET('/api/v1/budgets')) })
/** What the centre holds for a form's fields (一次采集): read anew for each form, as it may have changed. */
export const prefillQuery = (pack: string, action: string, subject: string | undefined) =>
  queryOptions({
    queryKey: ['prefill', pack, action, subject],
    queryFn: () => call(api.GET('/api/v1/actions/{pack}/{action}/prefill', { params: { path: { pack, action }, query: { subject } } })),
    enabled: subject !== undefined,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

export const divisionsQuery = (q: string) =>
  queryOptions({ queryKey: ['divisions', q], queryFn: () => call(api.GET('/api/v1/divisions', { params: { query: { q: q || undefined } } })), staleTime: 300_000 })

export const shareItemsQuery = queryOptions({ queryKey: ['share-items'], queryFn: () => call(api.GET('/api/v1/share-items')) })

export const sharesQuery = queryOptions({ queryKey: ['shares'], queryFn: () => call(api.GET('/api/v1/shares')) })

export const shareQuery = (id: string) => queryOptions({ queryKey: ['share', id], queryFn: () => call(api.GET('/api/v1/shares/{id}', { params: { path: { id } } })) })

/** The children whose guardian is signed in; each further query of one's own takes a child by the guardian's link. */
export const wardsQuery = queryOptions({ queryKey: ['wards'], queryFn: () => call(api.GET('/api/v1/me/wards')) })

export const ownAccessesQuery = (ward?: string) =>
  infiniteQueryOptions({
    queryKey: ['own-accesses', ward],
    queryFn: ({ pageParam }) => call(api.GET('/api/v1/me/accesses', { params: { query: { before: pageParam, ward } } })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  })

export const ownDataQuery = (ward?: string) => queryOptions({ queryKey: ['own-data', ward], queryFn: () => call(api.GET('/api/v1/me/data', { params: { query: { ward } } })) })

export const ownRequestsQuery = (ward?: string) =>
  queryOptions({ queryKey: ['own-requests', ward], queryFn: () => call(api.GET('/api/v1/me/requests', { params: { query: { ward } } })) })

export const guardiansQuery = queryOptions({ queryKey: ['guardians'], queryFn: () => call(api.GET('/api/v1/guardians')) })

/** What is withheld from a guardian. Each reading is told to the child, so it is asked for by hand. */
export const withheldQuery = (id: string) =>
  queryOptions({ queryKey: ['withheld', id], queryFn: () => call(api.GET('/api/v1/guardians/{id}/matters', { params: { path: { id } } })), staleTime: Infinity, retry: false })

export const requestsQuery = (all: boolean) => queryOptions({ queryKey: ['requests', all], queryFn: () => call(api.GET('/api/v1/requests', { params: { query: { all } } })) })

/** What is held about the person of a request. Each reading is told to the person, so it is asked for by hand. */
export const requestDataQuery = (id: string) =>
  queryOptions({ queryKey: ['request-data', id], queryFn: () => call(api.GET('/api/v1/requests/{id}/data', { params: { path: { id } } })), staleTime: Infinity, retry: false })

export const subjectsQuery = queryOptions({ queryKey: ['subjects'], queryFn: () => call(api.GET('/api/v1/subjects')) })

export const deferralsQuery = queryOptions({ queryKey: ['deferrals'], queryFn: () => call(api.GET('/api/v1/deferrals')) })

export const complianceQuery = queryOptions({ queryKey: ['compliance'], queryFn: () => call(api.GET('/api/v1/compliance')) })

/** Each reading counts the log anew, and is in it. */
export const yearReportQuery = (year: number, published: boolean) =>
  queryOptions({
    queryKey: ['year-report', year, published],
    queryFn: () => call(api.GET('/api/v1/reports/yearly/{year}', { params: { path: { year }, query: { published } } })),
    staleTime: Infinity,
  })

/** The access policies: what holds, what is proposed, what was. */
export const policiesQuery = queryOptions({ queryKey: ['policies'], queryFn: () => call(api.GET('/api/v1/policies')) })

/** One policy set beside those in force: another answer once these are others. */
export const policySetQuery = (id: string) => queryOptions({ queryKey: ['policies', id], queryFn: () => call(api.GET('/api/v1/policies/{id}', { params: { path: { id } } })) })

/** Resets of the policies that this person has to see first. */
export const policyResetsQuery = queryOptions({ queryKey: ['policy-resets'], queryFn: () => call(api.GET('/api/v1/session/policy-resets')) })

/** After something was done, every list and record may have changed. */
export async function refreshRecords(client: QueryClient): Promise<void> {
  await client.invalidateQueries({
    predicate: ({ queryKey }) => !['session', 'interface', 'decision'].includes(String(queryKey[0])),
  })
}
