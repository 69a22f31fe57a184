/** The host's own words on screen: the spine's stages, levels, kinds and lights. What a pack adds brings its own titles. */
import type { LightState, RiskLevel } from '../api/types'

export const CASE_STAGES: readonly (readonly [string, string])[] = [
  ['registered', '登记'],
  ['triaged', '分流'],
  ['accepted', '受理'],
  ['handling', '办理'],
  ['replied', '答复'],
  ['reviewed', '回访'],
  ['rated', '评价'],
  ['archived', '归档'],
]

export const RISK_STAGES: readonly (readonly [string, string])[] = [
  ['monitored', '监测'],
  ['found', '排查'],
  ['listed', '列入清单'],
  ['assessed', '评估'],
  ['warned', '预警'],
  ['assigned', '交办'],
  ['disposing', '处置'],
  ['fed_back', '反馈'],
  ['verified', '核销'],
  ['closed', '销号'],
]

/** How data is classified. */
export const DATA_LEVELS: Record<string, string> = { L1: 'L1 公开或无害', L2: 'L2 内部', L3: 'L3 一般个人信息', L4: 'L4 敏感个人信息、未成年人', Important: '重要数据' }

export const LEVELS: Record<RiskLevel, string> = { general: '一般', larger: '较大', major: '重大', extraordinary: '特别重大' }

export const LIGHTS: Record<LightState, string> = {
  immediate: '立即办理',
  overdue: '已逾期',
  soon: '临期',
  normal: '正常',
  paused: '已暂停',
  stopped: '已停止',
  none: '无时限',
}

const KINDS: Record<string, string> = { person: '人员', organisation: '机构', place: '场所', thing: '事物', case: '事项', risk: '风险', duty: '职责', entity: '实体' }

/** An entity's or record's kind in Chinese; a word that is not known is shown as it is. */
export function kindTitle(kind: string): string {
  return KINDS[kind] ?? kind
}

const SCHEMES: Record<string, string> = {
  external: '外部系统编号',
  'resident-id': '公民身份号码',
  'hk-macau-taiwan-residence-permit': '港澳台居民居住证号码',
  'foreign-permanent-resident': '外国人永久居留身份证号码',
  'hk-macau-travel-permit': '港澳居民来往内地通行证号码',
  'taiwan-travel-permit': '台湾居民来往大陆通行证号码',
  passport: '护照号码',
  phone: '手机号码',
  'credit-code': '统一社会信用代码',
}

/** An identifier scheme in Chinese. */
export function schemeTitle(scheme: string): string {
  return SCHEMES[scheme] ?? scheme
}

/** A stage's Chinese name on either spine. */
export function stageTitle(stage: string): string {
  return [...CASE_STAGES, ...RISK_STAGES].find(([name]) => name === stage)?.[1] ?? stage
}

const ROLES: Record<string, string> = {
  clerk: '受理员',
  handler: '经办人',
  supervisor: '督办员',
  director: '负责人',
  dispatcher: '调度员',
  coordinator: '综治协调',
  auditor: '安全审计员',
  administrator: '系统管理员',
  security: '安全管理员',
  'department-lead': '部门负责人',
  importer: '导入员',
  'access-approver': '查阅审批人',
  'sealed-keeper': '封存档案保管人',
  'privacy-officer': '个人信息保护负责人',
  'grid-worker': '网格员',
  citizen: '群众本人',
}

/** A role in Chinese. */
export function roleTitle(role: string): string {
  return ROLES[role] ?? role
}

/**
 * Why somebody's roles do not open a step, in words for beside its disabled button; null where one of them does. The
 * server decides all the same: this only saves a useless try.
 */
export function whyNotYours(roles: readonly string[], needed: readonly string[]): string | null {
  return roles.some((role) => needed.includes(role)) ? null : `由${needed.map(roleTitle).join('或')}办理`
}
