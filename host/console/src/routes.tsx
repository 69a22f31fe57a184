/** Every address of the console. A page is loaded when it is first opened; what it shows lives in its address. */
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { ApiError } from './api/problem'
import { interfaceQuery, sessionQuery } from './api/queries'
import type { CaseFilter, EntityFilter, RiskFilter } from './api/types'
import { NotFound, PageFailed } from './shell/Failed'
import { firstPlace, worksOnRecords } from './shell/places'
import { LEVELS, LIGHTS } from './ui/words'

interface Context {
  queryClient: QueryClient
}

type Raw = Record<string, unknown>

function word(raw: Raw, name: string): string | undefined {
  const value = raw[name]
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

function oneOf<K extends string>(raw: Raw, name: string, known: Record<K, unknown>): K | undefined {
  const value = raw[name]
  return typeof value === 'string' && Object.keys(known).includes(value) ? (value as K) : undefined
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound, errorComponent: PageFailed })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (raw: Raw): { back?: string } => ({ back: word(raw, 'back') }),
  component: lazyRouteComponent(() => import('./pages/SignIn'), 'SignIn'),
})

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: async ({ context, location }) => {
    try {
      const session = await context.queryClient.ensureQueryData(sessionQuery)
      // Something must be done first, and nothing else is answered before.
      if (session.must && location.pathname !== '/security') throw redirect({ to: '/security' })
      // What packs declare is answered to those who meet them in their work, and refused to all others.
      if (!session.must && worksOnRecords(session)) void context.queryClient.prefetchQuery(interfaceQuery)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: '/login', search: { back: location.href === '/' ? undefined : location.href } })
      throw error
    }
  },
  component: lazyRouteComponent(() => import('./shell/Shell'), 'Shell'),
  errorComponent: PageFailed,
  notFoundComponent: NotFound,
})

const desk = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: async ({ context }) => {
    const first = firstPlace(await context.queryClient.ensureQueryData(sessionQuery))
    if (first !== '/') throw redirect({ to: first, replace: true })
  },
  component: lazyRouteComponent(() => import('./pages/Desk'), 'Desk'),
})

const start = createRoute({ getParentRoute: () => shell, path: '/start', component: lazyRouteComponent(() => import('./pages/Start'), 'Start') })

const cases = createRoute({
  getParentRoute: () => shell,
  path: '/cases',
  validateSearch: (raw: Raw): CaseFilter => ({
    stage: word(raw, 'stage'),
    matter: word(raw, 'matter'),
    light: oneOf(raw, 'light', LIGHTS),
    q: word(raw, 'q'),
  }),
  component: lazyRouteComponent(() => import('./pages/Cases'), 'Cases'),
})

const oneCase = createRoute({
  getParentRoute: () => shell,
  path: '/cases/$id',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Case'), 'Case'),
})

const duties = createRoute({
  getParentRoute: () => shell,
  path: '/duties',
  validateSearch: (raw: Raw): { show?: 'overdue' | 'done' } => ({ show: raw.show === 'overdue' || raw.show === 'done' ? raw.show : undefined }),
  component: lazyRouteComponent(() => import('./pages/Duties'), 'Duties'),
})

const record = createRoute({ getParentRoute: () => shell, path: '/records/$id', component: lazyRouteComponent(() => import('./pages/Record'), 'Record') })

const risks = createRoute({
  getParentRoute: () => shell,
  path: '/risks',
  validateSearch: (raw: Raw): RiskFilter => ({
    stage: word(raw, 'stage'),
    type: word(raw, 'type'),
    level: oneOf(raw, 'level', LEVELS),
  }),
  component: lazyRouteComponent(() => import('./pages/Risks'), 'Risks'),
})

const oneRisk = createRoute({
  getParentRoute: () => shell,
  path: '/risks/$id',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Risk'), 'Risk'),
})

const entities = createRoute({
  getParentRoute: () => shell,
  path: '/entities',
  validateSearch: (raw: Raw): EntityFilter => ({ kind: word(raw, 'kind'), facet: word(raw, 'facet'), q: word(raw, 'q') }),
  component: lazyRouteComponent(() => import('./pages/Entities'), 'Entities'),
})

const oneEntity = createRoute({ getParentRoute: () => shell, path: '/entities/$id', component: lazyRouteComponent(() => import('./pages/Entity'), 'Entity') })

const action = createRoute({
  getParentRoute: () => shell,
  path: '/actions/$pack/$action',
  validateSearch: (raw: Raw): { subject?: string } => ({ subject: word(raw, 'subject') }),
  component: lazyRouteComponent(() => import('./pages/Action'), 'Action'),
})

const decision = createRoute({ getParentRoute: () => shell, path: '/decisions/$id', component: lazyRouteComponent(() => import('./pages/Decision'), 'Decision') })

const views = createRoute({ getParentRoute: () => shell, path: '/views', component: lazyRouteComponent(() => import('./pages/Views'), 'Views') })

const sealings = createRoute({ getParentRoute: () => shell, path: '/sealings', component: lazyRouteComponent(() => import('./pages/Sealings'), 'Sealings') })

const oneSealing = createRoute({ getParentRoute: () => shell, path: '/sealings/$id', component: lazyRouteComponent(() => import('./pages/SealedMatter'), 'SealedMatter') })

const catalogue = createRoute({
  getParentRoute: () => shell,
  path: '/catalogue',
  validateSearch: (raw: Raw): { q?: string; level?: string } => ({ q: word(raw, 'q'), level: word(raw, 'level') }),
  component: lazyRouteComponent(() => import('./pages/Catalogue'), 'Catalogue'),
})

const figures = createRoute({
  getParentRoute: () => shell,
  path: '/figures',
  validateSearch: (raw: Raw): { cube?: string; area?: string } => ({ cube: word(raw, 'cube'), area: word(raw, 'area') }),
  component: lazyRouteComponent(() => import('./pages/Figures'), 'Figures'),
})

const exports = createRoute({ getParentRoute: () => shell, path: '/exports', component: lazyRouteComponent(() => import('./pages/Exports'), 'Exports') })

const budgets = createRoute({ getParentRoute: () => shell, path: '/budgets', component: lazyRouteComponent(() => import('./pages/Budgets'), 'Budgets') })

const openings = createRoute({ getParentRoute: () => shell, path: '/openings', component: lazyRouteComponent(() => import('./pages/Openings'), 'Openings') })

const vault = createRoute({ getParentRoute: () => shell, path: '/vault', component: lazyRouteComponent(() => import('./pages/Vault'), 'Vault') })

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Audit'), 'Audit'),
})

const policies = createRoute({
  getParentRoute: () => shell,
  path: '/policies',
  validateSearch: (raw: Raw): { set?: string } => ({ set: word(raw, 'set') }),
  component: lazyRouteComponent(() => import('./pages/Policies'), 'Policies'),
})

const security = createRoute({ getParentRoute: () => shell, path: '/security', component: lazyRouteComponent(() => import('./pages/Security'), 'Security') })

const notices = createRoute({ getParentRoute: () => shell, path: '/notices', component: lazyRouteComponent(() => import('./pages/Notices'), 'Notices') })

const accounts = createRoute({ getParentRoute: () => shell, path: '/accounts', component: lazyRouteComponent(() => import('./pages/Accounts'), 'Accounts') })

const emergency = createRoute({
  getParentRoute: () => shell,
  path: '/emergency',
  validateSearch: (raw: Raw): { case?: string } => ({ case: word(raw, 'case') }),
  component: lazyRouteComponent(() => import('./pages/Emergency'), 'Emergency'),
})

const me = createRoute({
  getParentRoute: () => shell,
  path: '/me',
  validateSearch: (raw: Raw): { tab?: string; ward?: string } => ({ tab: word(raw, 'tab'), ward: word(raw, 'ward') }),
  component: lazyRouteComponent(() => import('./pages/Me'), 'Me'),
})

const requests = createRoute({ getParentRoute: () => shell, path: '/requests', component: lazyRouteComponent(() => import('./pages/Requests'), 'Requests') })

const deferrals = createRoute({
  getParentRoute: () => shell,
  path: '/deferrals',
  validateSearch: (raw: Raw): { matter?: string } => ({ matter: word(raw, 'matter') }),
  component: lazyRouteComponent(() => import('./pages/Deferrals'), 'Deferrals'),
})

const compliance = createRoute({
  getParentRoute: () => shell,
  path: '/compliance',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Compliance'), 'Compliance'),
})

const reports = createRoute({
  getParentRoute: () => shell,
  path: '/reports',
  validateSearch: (raw: Raw): { year?: string; published?: 'true' } => ({ year: word(raw, 'year'), published: raw.published === 'true' || raw.published === true ? 'true' : undefined }),
  component: lazyRouteComponent(() => import('./pages/YearReport'), 'YearReport'),
})

const packs = createRoute({ getParentRoute: () => shell, path: '/packs', component: lazyRouteComponent(() => import('./pages/Packs'), 'Packs') })

const onePack = createRoute({
  getParentRoute: () => shell,
  path: '/packs/$name/$version',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Pack'), 'Pack'),
})

const trials = createRoute({
  getParentRoute: () => shell,
  path: '/trials',
  validateSearch: (raw: Raw): { pack?: string; version?: string } => ({ pack: word(raw, 'pack'), version: word(raw, 'version') }),
  component: lazyRouteComponent(() => import('./pages/Trials'), 'Trials'),
})

const oneTrial = createRoute({ getParentRoute: () => shell, path: '/trials/$id', component: lazyRouteComponent(() => import('./pages/Trial'), 'Trial') })

const shadow = createRoute({ getParentRoute: () => shell, path: '/trials/shadows/$pack/$version', component: lazyRouteComponent(() => import('./pages/Shadow'), 'Shadow') })

const upgrades = createRoute({
  getParentRoute: () => shell,
  path: '/upgrades',
  validateSearch: (raw: Raw): { pack?: string; version?: string } => ({ pack: word(raw, 'pack'), version: word(raw, 'version') }),
  component: lazyRouteComponent(() => import('./pages/Upgrades'), 'Upgrades'),
})

const oneUpgrade = createRoute({
  getParentRoute: () => shell,
  path: '/upgrades/$id',
  validateSearch: (raw: Raw): { tab?: string; state?: string } => ({ tab: word(raw, 'tab'), state: word(raw, 'state') }),
  component: lazyRouteComponent(() => import('./pages/Upgrade'), 'Upgrade'),
})

const shares = createRoute({
  getParentRoute: () => shell,
  path: '/shares',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Shares'), 'Shares'),
})

const oneShare = createRoute({
  getParentRoute: () => shell,
  path: '/shares/$id',
  validateSearch: (raw: Raw): { tab?: string } => ({ tab: word(raw, 'tab') }),
  component: lazyRouteComponent(() => import('./pages/Share'), 'Share'),
})

export const routeTree = root.addChildren([
  signIn,
  shell.addChildren([desk, start, cases, oneCase, duties, record, risks, oneRisk, entities, oneEntity, action, decision, views, openings, packs, onePack, trials, oneTrial, shadow, upgrades, oneUpgrade, sealings, oneSealing, catalogue, policies, vault, audit, figures, exports, budgets, security, notices, accounts, emergency, shares, oneShare, me, requests, deferrals, compliance, reports]),
])
