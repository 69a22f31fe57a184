/** Why something was not done, as the server says it (problem+json), always with what to do next. */

/** One refused value: where it stands (a JSON pointer or a name), what was found, what would be right. */
export interface ProblemItem {
  at: string
  found: string
  expected: string
}

/** What the server sends instead of an answer. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  problems: ProblemItem[]
  next: string | null
}

/** A refused or failed call. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title)
  }
  get status(): number {
    return this.problem.status
  }
}

const NEXT: Record<number, string> = {
  0: '请检查网络连接后重试；若仍不行，请联系值班管理员。',
  401: '请重新登录。',
  403: '如工作确需，请向本单位管理员说明用途并申请权限。',
  404: '请核对编号；也可能不在您的管辖或授权范围内。',
  409: '请刷新页面，看过最新情况后再操作。',
  422: '请按提示修改后重新提交。',
  429: '请稍候一分钟再试。',
  503: '请稍后再试；事项和时限不受影响。',
}

/** The next step for a status, where the server named none. */
export function nextStep(status: number): string {
  return NEXT[status] ?? '请稍后再试；若仍不行，请把本页提示告诉系统管理员。'
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise
}

function items(value: unknown): ProblemItem[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null) return []
    const { at, found, expected } = item as Record<string, unknown>
    return [{ at: text(at, ''), found: text(found, ''), expected: text(expected, '') }]
  })
}

/** Reads an error body leniently: a proxy's answer is no problem+json, and the clerk needs a sentence all the same. */
export function readProblem(status: number, body: unknown): Problem {
  const raw = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  return {
    type: text(raw.type, 'about:blank'),
    title: text(raw.title, status === 0 ? '连接不上服务器' : `服务器没有完成请求（${status}）`),
    status,
    detail: text(raw.detail, ''),
    problems: items(raw.problems),
    next: text(raw.next, nextStep(status)),
  }
}

/** Any thrown thing as a problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem
  return { ...readProblem(-1, {}), title: '页面出了问题', detail: error instanceof Error ? error.message : String(error), next: '请刷新页面再试。' }
}
