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

const SUBJECTS: Record<string, string> = { import: '接口', read: '读取', write: '写入', publish: '发布', hear: '接收', level: '分级', purpose: '目的', duty: '职责' }

/** What a line of a grant's difference is about. */
export function subjectTitle(subject: string): string {
  return SUBJECTS[subject] ?? subject
}

interface GrantLike {
  allows?: { imports?: string[]; reads?: string[]; writes?: string[]; publishes?: string[]; hears?: string[]; ceiling?: string }
  duty_division?: string
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
