import { describe, expect, it } from 'vitest'
import { percent } from './trials'
import { inState, whyNotApply, whyNotApprove, whyNotUndo } from './upgrades'

const plan = { state: 'proposed', made_by: 'p1', approvals: [] as { role: string; role_title: string; person: string; at: string }[], awaited: ['统筹员', '安全管理员'], items: [{ name: 'applied', title: '已衔接', count: 3 }], progress: { done: 3, total: 3, running: false } }
const who = (id: string, ...roles: string[]) => ({ roles, person: { id, name: '样例', login: 'sample' } })

describe('a plan', () => {
  it('is approved by two people of two roles, and never by who made it', () => {
    expect(whyNotApprove(plan, who('p2', 'coordinator'))).toBeNull()
    expect(whyNotApprove(plan, who('p1', 'coordinator'))).toContain('自己')
    expect(whyNotApprove(plan, who('p2', 'clerk'))).toBeTruthy()
    expect(whyNotApprove({ ...plan, approvals: [{ role: 'coordinator', role_title: '统筹员', person: 'p2', at: '' }], awaited: ['安全管理员'] }, who('p2', 'coordinator'))).toContain('安全管理员')
  })
  it('is applied when approved, and taken back while cases are left that can be', () => {
    expect(whyNotApply(plan, who('p1', 'administrator'))).toContain('统筹员')
    expect(whyNotApply({ ...plan, state: 'approved' }, who('p1', 'administrator'))).toBeNull()
    expect(whyNotUndo({ ...plan, state: 'applied' }, who('p2', 'coordinator'))).toBeNull()
    expect(whyNotUndo({ ...plan, state: 'applied', items: [] }, who('p2', 'coordinator'))).toContain('没有')
  })
  it('counts its cases', () => expect(inState(plan, 'applied', 'gone')).toBe(3))
})

describe('progress', () => {
  it('never divides by nothing, nor passes the end', () => {
    expect(percent(0, 0)).toBe(0)
    expect(percent(7, 5)).toBe(100)
    expect(percent(999, 1000)).toBe(99)
  })
})
