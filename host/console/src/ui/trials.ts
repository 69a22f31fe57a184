/** Words of trials: what sort they are and where they stand. */
import type { Trial } from '../api/types'

/** How a trial stands: its word and its mark's class. */
export function trialState({ kind, state }: Pick<Trial, 'kind' | 'state'>): [string, string] {
  if (state === 'running') return [kind === 'shadow' ? '影子运行中' : '比对中', 'tag-stage']
  if (state === 'done') return ['已完成', 'tag-good']
  if (state === 'cancelled') return ['已取消', 'tag-policy']
  return ['已停止', 'tag-quiet']
}

/** How much a trial looks at: a replay looks back over days, a shadow waits for decisions. */
export function trialSpan({ kind, span }: Pick<Trial, 'kind' | 'span'>): string {
  if (kind === 'agreement') return '—'
  return kind === 'shadow' ? `应观察 ${span} 个决定` : `近 ${span} 天`
}

/** What sort of trial it is. */
export function trialKind(kind: string): string {
  return kind === 'shadow' ? '影子运行' : kind === 'agreement' ? '同意放宽' : '新旧比对'
}

/** A part of a whole in percent, for a progress bar. Nothing to do is not yet counted: zero. */
export function percent(done: number, total: number): number {
  return total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0
}
