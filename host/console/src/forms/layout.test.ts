import { describe, expect, it } from 'vitest'
import { isWide, sections } from './layout'

describe('layout', () => {
  it('draws each field once, in the declared order', () => {
    expect(sections([{ section: '一', cols: 2, fields: ['b', 'a', 'b'] }, { section: '二', cols: 1, fields: ['a', 'c'] }], ['a', 'b', 'c'])).toEqual([
      { title: '一', cols: 2, fields: ['b', 'a'] },
      { title: '二', cols: 1, fields: ['c'] },
    ])
  })

  it('never hides a field that the layout forgot, and skips what is not there', () => {
    expect(sections([{ section: '一', cols: 1, fields: ['a', 'gone'] }, { section: '空', cols: 1, fields: ['gone'] }], ['a', 'forgotten'])).toEqual([
      { title: '一', cols: 1, fields: ['a'] },
      { title: '其他', cols: 2, fields: ['forgotten'] },
    ])
  })

  it('draws the schema’s order without a layout', () => {
    expect(sections([], ['a', 'b'])).toEqual([{ title: '', cols: 2, fields: ['a', 'b'] }])
  })

  it('keeps columns within one and four', () => {
    expect(sections([{ section: '', cols: 9, fields: ['a'] }, { section: '', cols: 0, fields: ['b'] }], ['a', 'b']).map(({ cols }) => cols)).toEqual([4, 1])
  })

  it('gives rows and long texts the whole width', () => {
    expect(isWide({ type: 'array', items: { type: 'object' } })).toBe(true)
    expect(isWide({ type: 'array', items: { type: 'string', oneOf: [{ const: 'a' }] } })).toBe(false)
    expect(isWide({ type: 'string', maxLength: 500 })).toBe(true)
    expect(isWide({ type: 'string', maxLength: 500, format: 'date' })).toBe(false)
  })
})
