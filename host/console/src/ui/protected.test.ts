import { describe, expect, it } from 'vitest'
import { minutesLeft } from './Protected'

describe('minutes that are left of an opening', () => {
  const until = '2026-11-27T10:00:00+08:00'
  const at = (time: string) => Date.parse(`2026-11-27T${time}+08:00`)

  it('counts a begun minute as one', () => {
    expect(minutesLeft(until, at('09:30:00'))).toBe(30)
    expect(minutesLeft(until, at('09:59:59'))).toBe(1)
  })

  it('is none at the end and after it', () => {
    expect(minutesLeft(until, at('10:00:00'))).toBe(0)
    expect(minutesLeft(until, at('11:00:00'))).toBe(0)
  })
})
