/** Shares between units: marks and groups, in words. Which step is open to whom comes from the server with each share. */
import type { Share } from '../api/types'

const TONES: Record<string, string> = { draft: 'tag-quiet', internal_reviewed: 'tag-stage', submitted: 'tag-policy', approved: 'tag-stage', refused: 'tag-bad', delivered: 'tag-stage', in_use: 'tag-good', expired: 'tag-bad', revoked: 'tag-bad', destroyed: 'tag-quiet' }

/** A share's mark. */
export function shareTone(state: string): string {
  return TONES[state] ?? 'tag-quiet'
}

/** Steps that wait for somebody; reading, ending early and disputing are open all the time and wait for nobody. */
const WAITING = ['review', 'submit', 'answer', 'deliver', 'accept', 'destroy', 'coordinate', 'decide']

type Steps = Pick<Share, 'steps' | 'state'>

/** The step that waits for this person, if any. */
export function nextStep({ steps, state }: Steps): Share['steps'][number] | undefined {
  // What was delivered may be delivered anew at any time: that waits for nobody either.
  return steps.find(({ name, allowed }) => allowed && WAITING.includes(name) && !(name === 'deliver' && state === 'in_use'))
}

/** What the rest of the way waits for, where it is not this person. */
export function waitsFor({ steps, state }: Steps): string | null {
  const next = steps.find(({ name }) => WAITING.includes(name) && !(name === 'deliver' && state === 'in_use'))
  return next ? `等待${next.title}` : null
}

/** Modes, frequencies and outcomes, as choices. */
export const MODES = [
  { value: 'in_place', label: '在线查用' },
  { value: 'file', label: '在线查用和签名文件' },
]
export const FREQUENCIES = [
  { value: 'once', label: '一次' },
  { value: 'daily', label: '每日' },
  { value: 'weekly', label: '每周' },
  { value: 'monthly', label: '每月' },
  { value: 'on_demand', label: '按需' },
]
export const ATTRIBUTES = [
  { value: 'unconditional', label: '无条件共享' },
  { value: 'conditional', label: '有条件共享' },
  { value: 'withheld', label: '不予共享' },
]
export const OUTCOMES = [
  { value: 'stands', label: '维持现状' },
  { value: 'answer_again', label: '重新答复' },
  { value: 'end', label: '终止共享' },
]

/** A choice's label. */
export function labelOf(choices: readonly { value: string; label: string }[], value: string): string {
  return choices.find((choice) => choice.value === value)?.label ?? value
}
