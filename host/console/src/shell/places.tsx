/** Where one can go: the menu, by role. The server decides all the same. */
import { AlertOutlined, ApartmentOutlined, AppstoreOutlined, AuditOutlined, BarChartOutlined, BookOutlined, CarryOutOutlined, ControlOutlined, DashboardOutlined, ExperimentOutlined, ExportOutlined, FieldTimeOutlined, FileTextOutlined, FormOutlined, HomeOutlined, IdcardOutlined, KeyOutlined, LockOutlined, ReconciliationOutlined, SafetyCertificateOutlined, SafetyOutlined, ShareAltOutlined, SolutionOutlined, SwapOutlined, TableOutlined, TeamOutlined, WarningOutlined } from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Session } from '../api/types'

/** One entry of the menu. */
export interface Place {
  path: '/' | '/start' | '/cases' | '/duties' | '/risks' | '/entities' | '/views' | '/openings' | '/packs' | '/trials' | '/upgrades' | '/policies' | '/vault' | '/sealings' | '/catalogue' | '/audit' | '/figures' | '/exports' | '/budgets' | '/accounts' | '/emergency' | '/shares' | '/me' | '/requests' | '/deferrals' | '/compliance' | '/reports'
  title: string
  icon: ReactNode
  /** Who sees it: those who work on records, or holders of a role. */
  for: 'work' | readonly string[]
}

const PLACES: Place[] = [
  { path: '/', title: '工作台', icon: <HomeOutlined />, for: 'work' },
  { path: '/start', title: '登记办理', icon: <FormOutlined />, for: 'work' },
  { path: '/cases', title: '案件', icon: <FileTextOutlined />, for: 'work' },
  { path: '/duties', title: '职责', icon: <CarryOutOutlined />, for: 'work' },
  { path: '/risks', title: '风险清单', icon: <AlertOutlined />, for: 'work' },
  { path: '/entities', title: '实体档案', icon: <ApartmentOutlined />, for: 'work' },
  { path: '/views', title: '统计清单', icon: <BarChartOutlined />, for: 'work' },
  { path: '/figures', title: '分区统计', icon: <TableOutlined />, for: ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler', 'department-lead', 'access-approver', 'privacy-officer', 'grid-worker'] },
  { path: '/exports', title: '批量导出', icon: <ExportOutlined />, for: ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler', 'access-approver'] },
  { path: '/openings', title: '查阅审批', icon: <KeyOutlined />, for: ['access-approver', 'clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler'] },
  { path: '/shares', title: '数据共享', icon: <ShareAltOutlined />, for: ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler', 'access-approver', 'department-lead', 'privacy-officer'] },
  { path: '/packs', title: '插件中心', icon: <AppstoreOutlined />, for: ['administrator', 'security', 'department-lead', 'coordinator'] },
  { path: '/trials', title: '试运行', icon: <ExperimentOutlined />, for: ['administrator', 'security'] },
  { path: '/upgrades', title: '衔接方案', icon: <SwapOutlined />, for: ['administrator', 'security', 'coordinator'] },
  { path: '/vault', title: '密钥与留存', icon: <SafetyOutlined />, for: ['administrator', 'privacy-officer', 'access-approver', 'auditor'] },
  { path: '/sealings', title: '封存保管', icon: <LockOutlined />, for: ['sealed-keeper', 'access-approver', 'supervisor', 'auditor'] },
  { path: '/catalogue', title: '数据目录', icon: <BookOutlined />, for: ['administrator', 'security', 'privacy-officer', 'access-approver', 'auditor'] },
  { path: '/policies', title: '访问策略', icon: <ControlOutlined />, for: ['security', 'administrator', 'auditor'] },
  { path: '/me', title: '我的数据', icon: <IdcardOutlined />, for: ['citizen'] },
  { path: '/requests', title: '本人请求', icon: <SolutionOutlined />, for: ['privacy-officer'] },
  { path: '/deferrals', title: '延后告知', icon: <FieldTimeOutlined />, for: ['clerk', 'dispatcher', 'coordinator', 'handler', 'access-approver', 'privacy-officer', 'auditor'] },
  { path: '/compliance', title: '合规登记', icon: <SafetyCertificateOutlined />, for: ['privacy-officer', 'auditor'] },
  { path: '/reports', title: '年度报告', icon: <ReconciliationOutlined />, for: ['privacy-officer', 'auditor'] },
  { path: '/audit', title: '审计', icon: <AuditOutlined />, for: ['auditor'] },
  { path: '/emergency', title: '紧急访问', icon: <WarningOutlined />, for: ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler', 'access-approver', 'auditor'] },
  { path: '/accounts', title: '账号管理', icon: <TeamOutlined />, for: ['administrator', 'security', 'auditor'] },
  { path: '/budgets', title: '查阅限额', icon: <DashboardOutlined />, for: ['supervisor', 'auditor', 'access-approver', 'privacy-officer'] },
]

/** System, security and audit administration, the desk for persons and persons themselves work on no records. */
const APART = ['administrator', 'security', 'auditor', 'citizen', 'privacy-officer']

/**
 * What a role does all day, in this order; what else it may follows in the order of PLACES. Who holds several roles begins
 * with the one that stands first here.
 */
const DAY: Record<string, readonly Place['path'][]> = {
  auditor: ['/audit', '/emergency', '/accounts', '/budgets', '/deferrals', '/compliance', '/reports', '/sealings', '/vault', '/catalogue'],
  'sealed-keeper': ['/sealings', '/'],
  'privacy-officer': ['/requests', '/deferrals', '/compliance', '/reports', '/shares', '/catalogue', '/vault', '/budgets', '/figures'],
  administrator: ['/packs', '/trials', '/upgrades', '/accounts', '/vault', '/catalogue'],
  security: ['/packs', '/upgrades', '/accounts', '/trials', '/catalogue'],
  'access-approver': ['/', '/openings', '/exports', '/shares', '/emergency', '/cases', '/deferrals', '/sealings'],
  'department-lead': ['/', '/packs', '/shares', '/figures'],
  coordinator: ['/', '/cases', '/risks', '/duties', '/upgrades'],
  'grid-worker': ['/', '/duties', '/start'],
}

/** Who works on records: their desk, lists and forms. */
export function worksOnRecords({ roles }: Pick<Session, 'roles'>): boolean {
  return roles.length === 0 || roles.some((role) => !APART.includes(role))
}

/** What this person's menu holds, what they do all day first. */
export function placesFor({ roles }: Pick<Session, 'roles'>): Place[] {
  const works = worksOnRecords({ roles })
  const places = PLACES.filter((place) => (place.for === 'work' ? works : place.for.some((role) => roles.includes(role))))
  const day = Object.entries(DAY).find(([role]) => roles.includes(role))?.[1] ?? []
  const place = (path: Place['path']) => (day.includes(path) ? day.indexOf(path) : day.length)
  return places.sort((a, b) => place(a.path) - place(b.path))
}

/** Where this person begins: where their menu does. */
export function firstPlace(session: Pick<Session, 'roles'>): Place['path'] {
  return placesFor(session)[0]?.path ?? '/'
}
