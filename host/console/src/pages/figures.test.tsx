import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it, vi } from 'vitest'
import type { Figure } from '../api/types'
import { FigureTable, hasParts } from './Figures'

const figure: Figure = {
  cube: { name: 'case.x.state', title: '样例事项', kind: 'case', axis: 'state', axis_title: '环节', level: 'L2' },
  area: '500103000000',
  area_name: '渝中区',
  exact: false,
  least: 16,
  bound: 6,
  note: '受保护的统计',
  basis: '《条例》第四十四条',
  columns: ['登记'],
  rows: [
    { division: '500103001000', division_name: '七星岗街道', cells: [null], total: null },
    { division: '500103003000', division_name: '解放碑街道', cells: [40], total: 40 },
  ],
  totals: [43],
  total: 43,
  at: '2026-11-27T09:00:00+08:00',
}

describe('registered figures', () => {
  it('says that a figure is too small, and never what it is', () => {
    const html = renderToStaticMarkup(<FigureTable figure={figure} onInto={vi.fn()} />)
    expect(html.match(/aria-label="不足 16，不列示"/g)?.length).toBe(2)
    expect(html.match(/>40</g)?.length).toBe(2)
    expect(html).not.toMatch(/>0</)
  })

  it('goes into what has parts', () => {
    expect(hasParts('500103000000')).toBe(true)
    expect(hasParts('500103001000')).toBe(true)
    expect(hasParts('500103001002')).toBe(false)
  })
})
