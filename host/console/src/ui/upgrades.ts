/** Upgrade plans: which steps are open to whom, and why not, in words for beside the buttons. The server decides. */
import type { Session, Upgrade, UpgradeItem } from '../api/types'
import { whyNotYours } from './words'

type Plan = Pick<Upgrade, 'state' | 'made_by' | 'approvals' | 'awaited' | 'items' | 'progress'>
type Who = Pick<Session, 'roles' | 'person'>

const TONES: Record<string, string> = { planning: 'tag-stage', proposed: 'tag-policy', approved: 'tag-stage', applying: 'tag-stage', applied: 'tag-good', undoing: 'tag-stage', undone: 'tag-quiet' }

/** A plan's mark. */
export function upgradeTone(state: string): string {
  return TONES[state] ?? 'tag-quiet'
}

/** How many of a plan's cases were dealt with so. */
export function inState({ items }: Pick<Upgrade, 'items'>, ...states: string[]): number {
  return items.filter(({ name }) => states.includes(name)).reduce((sum, { count }) => sum + count, 0)
}

/** Why this person may not agree to a plan now. */
export function whyNotApprove(plan: Plan, who: Who): string | null {
  if (plan.state === 'planning') return '预演还没有结束'
  if (plan.state !== 'proposed') return '方案不在待审批'
  const role = whyNotYours(who.roles, ['coordinator', 'security'])
  if (role) return role
  if (plan.made_by === who.person.id) return '自己提出的方案不能自己审批'
  if (plan.approvals.some(({ person }) => person === who.person.id)) return `您已同意；还须由${plan.awaited.join('、')}同意`
  return null
}

/** Why this person may not apply a plan now. */
export function whyNotApply(plan: Plan, who: Who): string | null {
  if (plan.state === 'applied') return '已经实施'
  if (plan.state === 'applying') return '正在实施'
  if (plan.state !== 'approved') return plan.awaited.length > 0 && plan.state === 'proposed' ? `还须由${plan.awaited.join('、')}同意` : '方案不在待实施'
  return whyNotYours(who.roles, ['administrator'])
}

/** Why this person may not take a plan back now. */
export function whyNotUndo(plan: Plan, who: Who): string | null {
  if (plan.progress.running) return '请等正在进行的工作结束'
  if (plan.state !== 'applied') return '还没有实施'
  if (inState(plan, 'applied') === 0) return '没有还能撤回的事项'
  return whyNotYours(who.roles, ['coordinator'])
}

/** Whether one of a plan's cases can be taken back, as far as its line tells. */
export function canUndo(item: Pick<UpgradeItem, 'state'>): boolean {
  return item.state === 'applied'
}
