import { describe, expect, it } from 'vitest'
import { FREQUENCIES, labelOf, nextStep, shareTone, waitsFor } from './shares'

const step = (name: string, allowed: boolean) => ({ name, title: name === 'answer' ? '答复' : name, allowed, why_not: allowed ? null : '由提供单位办理' })

describe('a share', () => {
  it('waits for whoever may take its next step', () => {
    const share = { state: 'submitted', steps: [step('answer', true)] }
    expect(nextStep(share)?.name).toBe('answer')
    expect(nextStep({ ...share, steps: [step('answer', false)] })).toBeUndefined()
    expect(waitsFor({ ...share, steps: [step('answer', false)] })).toBe('等待答复')
  })

  it('waits for nobody while it is used', () => {
    const steps = [step('use', true), step('deliver', true), step('finish', true), step('dispute', true)]
    expect(nextStep({ state: 'in_use', steps })).toBeUndefined()
    expect(waitsFor({ state: 'in_use', steps })).toBeNull()
    expect(nextStep({ state: 'approved', steps })?.name).toBe('deliver')
  })

  it('has a mark and a word for everything', () => {
    expect(shareTone('in_use')).toBe('tag-good')
    expect(shareTone('unheard-of')).toBe('tag-quiet')
    expect(labelOf(FREQUENCIES, 'weekly')).toBe('每周')
  })
})
