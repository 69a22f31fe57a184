import { describe, expect, it } from 'vitest'
import type { Prefill } from '../api/types'
import { filled, sourceNotes } from './prefill'

const held = (field: string, value: unknown, days: number) => ({ field, title: field, value, source: '样例插件，样例单位', since: '2026-11-01T00:00:00+08:00', days, level: 'L1', reference: { field, record: 'r', version: 1, item: `demo/${field}` } }) as Prefill

describe('what the centre holds', () => {
  it('stands in the form and leaves the rest as it was', () => {
    const start = { kind: 'a', beds: 1 }
    expect(filled(start, [held('beds', 3, 2)])).toEqual({ kind: 'a', beds: 3 })
    expect(start.beds).toBe(1)
    expect(filled(start, [])).toEqual(start)
  })

  it('says where it comes from and how old it is', () => {
    expect(sourceNotes([held('beds', 3, 0), held('kind', 'b', 12)])).toEqual({
      beds: '已有：来源 样例插件，样例单位，今天，L1；不符请改正',
      kind: '已有：来源 样例插件，样例单位，12 天前，L1；不符请改正',
    })
  })
})
