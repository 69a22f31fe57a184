/**
 * The words of the API, named after what they are. They are read off the routes rather than off schema names, so that
 * a renamed schema changes one line here at most.
 */
import type { components, paths } from './__generated__/schema'

type Method = 'get' | 'post'
type Query<P extends keyof paths> = paths[P] extends { get: { parameters: { query?: infer Q } } } ? { [K in Exclude<keyof NonNullable<Q>, 'after' | 'limit'>]?: Exclude<NonNullable<Q>[K], null> } : never
type Answer<P extends keyof paths, M extends Method> = paths[P] extends Record<M, { responses: infer R }>
  ? R extends { 200: { content: { 'application/json': infer T } } }
    ? T
    : never
  : never

export type Session = Answer<'/api/v1/session', 'get'>
export type Interface = Answer<'/api/v1/interface', 'get'>
export type ActionDeclaration = Interface['actions'][number]
export type FormSection = ActionDeclaration['form']['layout'][number]
export type CasePage = Answer<'/api/v1/cases', 'get'>
export type CaseFilter = Query<'/api/v1/cases'>
export type CaseItem = CasePage['items'][number]
export type CaseDetail = Answer<'/api/v1/cases/{id}', 'get'>
export type Access = NonNullable<CaseDetail['access']>
export type Opening = Answer<'/api/v1/openings', 'get'>[number]
export type Erasure = Answer<'/api/v1/erasures', 'get'>[number]
export type Ending = Answer<'/api/v1/retention', 'get'>[number]
export type LegalHold = Answer<'/api/v1/legal-holds', 'get'>[number]
export type Light = CaseItem['light']
export type LightState = Light['state']
export type Clock = CaseDetail['clocks'][number]
export type Duty = CaseDetail['duties'][number]
export type DutyPage = Answer<'/api/v1/duties', 'get'>
export type ViewOffer = Answer<'/api/v1/views', 'get'>[number]
export type ViewTable = Answer<'/api/v1/views/{pack}/{view}', 'get'>
export type EntityRef = RiskItem['subject']
export type RecordRef = Answer<'/api/v1/records/{id}', 'get'>
export type Figures = Answer<'/api/v1/figures', 'get'>
export type TimelineEntry = CaseDetail['timeline'][number]
export type ActionOffer = CaseDetail['actions'][number]
export type StageMove = CaseDetail['stage_moves'][number]
export type Basis = Clock['basis']
export type RiskPage = Answer<'/api/v1/risks', 'get'>
export type RiskFilter = Query<'/api/v1/risks'>
export type RiskItem = RiskPage['items'][number]
export type RiskDetail = Answer<'/api/v1/risks/{id}', 'get'>
export type RiskLevel = RiskItem['advised']
export type EntityPage = Answer<'/api/v1/entities', 'get'>
export type EntityFilter = Query<'/api/v1/entities'>
export type EntityItem = EntityPage['items'][number]
export type EntityDetail = Answer<'/api/v1/entities/{id}', 'get'>
export type ActionResult = Answer<'/api/v1/actions/{pack}/{action}', 'post'>
export type Reason = ActionResult['reasons'][number]
export type DecisionDetail = Answer<'/api/v1/decisions/{id}', 'get'>
export type ReplayResult = Answer<'/api/v1/decisions/{id}/replay', 'post'>
export type AuditPage = Answer<'/api/v1/audit', 'get'>
export type AuditEntry = AuditPage['entries'][number]
export type AuditFilter = Query<'/api/v1/audit'>
export type AuditStatus = Answer<'/api/v1/audit/status', 'get'>
export type WitnessState = AuditStatus['witnesses'][number]
export type PolicyNotice = AuditStatus['policies'][number]
export type Policies = Answer<'/api/v1/policies', 'get'>
export type PolicyFile = Policies['files'][number]
export type PolicySet = Policies['sets'][number]
export type PolicyReset = Policies['resets'][number]
export type PolicyDetail = Answer<'/api/v1/policies/{id}', 'get'>
export type PolicyReport = PolicyDetail['report']
export type PolicyDifference = PolicyReport['differences'][number]
export type PolicyEffects = NonNullable<PolicyReport['effects']>
export type PackView = Answer<'/api/v1/packs', 'get'>[number]
export type PackChange = Answer<'/api/v1/packs/{name}', 'get'>['history'][number]
export type GrantRequest = NonNullable<PackView['request']>
export type GrantLine = GrantRequest['more'][number]
export type Upgrade = Answer<'/api/v1/upgrades/{id}', 'get'>
export type UpgradeFilter = Query<'/api/v1/upgrades/{id}/items'>
export type UpgradePage = Answer<'/api/v1/upgrades/{id}/items', 'get'>
export type UpgradeItem = UpgradePage['items'][number]
export type Unconfirmed = Answer<'/api/v1/upgrades/unconfirmed', 'get'>[number]
export type Trial = Answer<'/api/v1/trials/{id}', 'get'>
export type TrialReport = NonNullable<Trial['report']>
export type Verdict = NonNullable<Trial['verdict']>
export type Difference = TrialReport['replay']['groups'][number]
export type Shadow = Answer<'/api/v1/trials/shadows/{pack}/{version}', 'get'>
export type Cube = Answer<'/api/v1/cubes', 'get'>[number]
export type Figure = Answer<'/api/v1/cubes/{name}', 'get'>
export type FigureLine = Figure['rows'][number]
export type Export = Answer<'/api/v1/exports/{id}', 'get'>
export type Estimate = Answer<'/api/v1/exports/rehearse', 'post'>
export type ExportRequest = components['schemas']['ExportRequest']
export type BudgetLine = Answer<'/api/v1/budgets', 'get'>['lines'][number]

export type SecondFactor = Answer<'/api/v1/session/confirm/begin', 'post'>
export type Proof = NonNullable<paths['/api/v1/session/second']['post']['requestBody']>['content']['application/json']
export type OwnSecurity = Answer<'/api/v1/session/security', 'get'>
export type FactorView = OwnSecurity['factors'][number]
export type SessionView = OwnSecurity['sessions'][number]
export type TotpOffer = Answer<'/api/v1/session/factors/totp', 'post'>
export type AccountList = Answer<'/api/v1/accounts', 'get'>
export type AccountView = AccountList['accounts'][number]
export type AccountChange = Answer<'/api/v1/accounts/changes', 'get'>[number]
export type ProposeChange = NonNullable<paths['/api/v1/accounts/changes']['post']['requestBody']>['content']['application/json']
export type EmergencyState = Answer<'/api/v1/emergency', 'get'>
export type EmergencyView = Answer<'/api/v1/emergencies', 'get'>[number]
export type BeginEmergency = NonNullable<paths['/api/v1/emergency']['post']['requestBody']>['content']['application/json']
export type Share = Answer<'/api/v1/shares', 'get'>[number]
export type ShareDetail = Answer<'/api/v1/shares/{id}', 'get'>
export type ShareTerms = Share['terms']
export type ShareCatalogue = Answer<'/api/v1/share-items', 'get'>
export type ShareItem = ShareCatalogue['items'][number]
export type SharedRow = Answer<'/api/v1/shares/{id}/rows', 'get'>['items'][number]
export type Prefill = Answer<'/api/v1/actions/{pack}/{action}/prefill', 'get'>[number]

export type AccessPage = Answer<'/api/v1/me/accesses', 'get'>
export type AccessItem = AccessPage['items'][number]
export type OwnData = Answer<'/api/v1/me/data', 'get'>
export type PersonRequest = Answer<'/api/v1/me/requests', 'get'>[number]
export type RequestData = Answer<'/api/v1/requests/{id}/data', 'get'>
export type Ward = Answer<'/api/v1/me/wards', 'get'>[number]
export type Guardians = Answer<'/api/v1/guardians', 'get'>
export type GuardianLink = Guardians['items'][number]
export type WithheldMatter = Answer<'/api/v1/guardians/{id}/matters', 'get'>[number]
export type SubjectLink = Answer<'/api/v1/subjects', 'get'>[number]
export type Deferral = Answer<'/api/v1/deferrals', 'get'>[number]
export type Compliance = Answer<'/api/v1/compliance', 'get'>
export type Incident = Compliance['incidents'][number]
export type YearReport = Answer<'/api/v1/reports/yearly/{year}', 'get'>

/** A value as JSON carries it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** A JSON object. */
export type JsonObject = { [key: string]: Json }
export type SealingPage = Answer<'/api/v1/sealings', 'get'>
export type Sealing = SealingPage['items'][number]
export type SealedMatter = Answer<'/api/v1/sealings/{id}/matter', 'get'>
export type SealedRecord = SealedMatter['records'][number]
export type Catalogue = Answer<'/api/v1/catalogue', 'get'>
export type CatalogueItem = Catalogue['items'][number]
export type Relabel = Catalogue['relabels'][number]
