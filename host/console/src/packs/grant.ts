/** What a grant lets a pack reach, in words. */

const IMPORTS: Record<string, string> = {
  entities: '实体',
  cases: '案件',
  risks: '风险',
  duties: '职责',
  data: '统计',
  events: '事件',
  calendar: '日历时限',
  log: '运行日志',
}

interface GrantLike {
  pack?: string
  allows?: { imports?: string[]; reads?: string[]; writes?: string[]; publishes?: string[]; hears?: string[]; ceiling?: string }
  duty_division?: string
  duty_unit?: string
  purposes?: string[]
}

function listed(list: string[] | undefined): string {
  return list && list.length > 0 ? list.join('、') : '无'
}

/** A grant as pairs of name and words; null where there is none. */
export function grantWords(grant: unknown): [string, string][] | null {
  if (typeof grant !== 'object' || grant === null) return null
  const { allows, purposes, duty_division: division } = grant as GrantLike
  return [
    ['可用接口', listed(allows?.imports?.map((name) => IMPORTS[name] ?? name))],
    ['可读', listed(allows?.reads)],
    ['可写', listed(allows?.writes)],
    ['可发布', listed(allows?.publishes)],
    ['可接收', listed(allows?.hears)],
    ['数据分级上限', allows?.ceiling ?? '—'],
    ['目的', listed(purposes)],
    ['职责范围', division ?? '—'],
  ]
}

/**
 * A grant as a grant file states it, to propose it again for a newer version. JSON's strings and lists of strings are
 * TOML's as well. Who approved is left out: that is asked anew.
 */
export function grantFile(grant: unknown): string {
  const { pack, duty_division, duty_unit, purposes, allows = {} } = (grant ?? {}) as GrantLike
  const lines = (values: Record<string, unknown>) => Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${JSON.stringify(value)}`]))
  return [...lines({ pack, duty_division, duty_unit, purposes }), '', '[allows]', ...lines({ ...allows })].join('\n')
}
