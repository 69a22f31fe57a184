import { renderToStaticMarkup } from 'react-dom/server'
import dayjs from 'dayjs'
import { describe, expect, it } from 'vitest'
import { firstPlace, placesFor } from '../shell/places'
import { rowAt } from './RecordTable'
import { valueWords } from './DataView'
import { LightTag, lightWords, urgency } from './Light'
import { BasisMark } from './Tags'
import { dateTime, shortTime } from './time'
import { LIGHTS } from './words'

describe('light', () => {
  it('always has a word and an icon beside its colour', () => {
    for (const state of Object.keys(LIGHTS) as (keyof typeof LIGHTS)[]) {
      const drawn = renderToStaticMarkup(<LightTag light={{ state, text: '' }} />)
      expect(drawn).toContain(LIGHTS[state])
      expect(drawn).toContain('<svg')
    }
  })

  it('does not say its word twice', () => {
    expect(lightWords({ state: 'overdue', text: '已逾期 2 天' })).toEqual({ word: '已逾期', rest: '2 天' })
    expect(lightWords({ state: 'normal', text: '剩 3 小时' })).toEqual({ word: '正常', rest: '剩 3 小时' })
    expect(lightWords({ state: 'stopped', text: '已停止' }).rest).toBe('')
  })

  it('puts what is late before all else', () => {
    expect((['normal', 'soon', 'overdue', 'immediate', 'stopped'] as const).toSorted((a, b) => urgency(a) - urgency(b))).toEqual(['overdue', 'immediate', 'soon', 'normal', 'stopped'])
  })
})

describe('basis', () => {
  it('never lets local policy look like statute', () => {
    expect(renderToStaticMarkup(<BasisMark basis={{ article: '第四条', authority: 'policy' }} />)).toContain('政策')
    expect(renderToStaticMarkup(<BasisMark basis={{ article: '第四条', authority: 'statute' }} />)).toContain('法定')
  })
})

describe('time', () => {
  const now = dayjs('2026-11-24T09:00:00')
  it('is short where the day is plain', () => {
    expect(shortTime('2026-11-24T08:05:00', now)).toBe('今天 08:05')
    expect(shortTime('2026-03-01T08:05:00', now)).toBe('03-01 08:05')
    expect(shortTime('2025-03-01T08:05:00', now)).toBe('2025-03-01')
  })
  it('reads milliseconds as well', () => {
    expect(dateTime(new Date(2026, 10, 24, 9, 30).getTime())).toBe('2026-11-24 09:30')
    expect(dateTime('nonsense')).toBe('—')
  })
})

describe('values', () => {
  it('are shown in words', () => {
    expect(valueWords('a', { oneOf: [{ const: 'a', title: '甲' }] })).toBe('甲')
    expect(valueWords(false, {})).toBe('否')
    expect(valueWords(['a', 'b'], { items: { oneOf: [{ const: 'a', title: '甲' }] } })).toBe('甲、b')
    expect(valueWords(null, {})).toBe('—')
  })
})

describe('a list worked by keyboard', () => {
  it('stays on a row, also where a key came before the rows', () => {
    expect(rowAt(1, 0)).toBe(0)
    expect(rowAt(-1, 5)).toBe(0)
    expect(rowAt(7, 5)).toBe(4)
    expect(rowAt(3, 5)).toBe(3)
  })
})

describe('menu', () => {
  it('shows the log to auditors, and packs to those who take part in their life', () => {
    const titles = (roles: string[]) => placesFor({ roles }).map((place) => place.title)
    expect(titles(['clerk'])).not.toContain('审计')
    expect(titles(['clerk'])).not.toContain('插件中心')
    // Who keeps the system, guards it or audits it sees no business pages; what each of them is for stands in their menu.
    const business = ['工作台', '登记办理', '案件', '职责', '风险清单', '实体档案', '统计清单', '查阅审批']
    for (const role of ['auditor', 'administrator', 'security']) {
      for (const title of business) expect(titles([role])).not.toContain(title)
      expect(titles([role])).toContain('账号管理')
    }
    expect(titles(['auditor'])).toContain('审计')
    expect(firstPlace({ roles: ['auditor'] })).toBe('/audit')
    expect(firstPlace({ roles: ['clerk'] })).toBe('/')
    expect(titles(['coordinator'])).toContain('衔接方案')
  })

  it('begins with what a role does all day, and loses nothing by its order', () => {
    const titles = (...roles: string[]) => placesFor({ roles }).map((place) => place.title)
    expect(titles('auditor').slice(0, 3)).toEqual(['审计', '紧急访问', '账号管理'])
    expect(titles('sealed-keeper')[0]).toBe('封存保管')
    expect(titles('privacy-officer')[0]).toBe('本人请求')
    expect(titles('access-approver').slice(0, 2)).toEqual(['工作台', '查阅审批'])
    expect(titles('access-approver', 'supervisor')[0]).toBe('工作台')
    expect(firstPlace({ roles: ['sealed-keeper'] })).toBe('/sealings')
    for (const role of ['auditor', 'administrator', 'coordinator', 'grid-worker']) expect(new Set(titles(role)).size).toBe(titles(role).length)
    expect(titles('clerk').slice(0, 3)).toEqual(['工作台', '登记办理', '案件'])
  })
})
