import { describe, expect, it } from 'vitest'
import type { PackView } from '../api/types'
import { grantFile, grantWords } from './grant'
import { compareVersions, nextWords, packsOf, type PackStep, versionsOf, whyNotStep } from './versions'

const pack = (version: string, state: string, more: Partial<PackView> = {}): PackView => ({ name: 'sample', version, digest: `digest-${version}`, title: '样例', publisher: 'sample', effective_from: '2026-01-01', contract: '0.2.0', state, state_title: state, grant: {}, ...more })
const asks = (state: string, awaited: { role: string; title: string }[]): Partial<PackView> => ({ request: { state, more: [], less: [], asked_by: '样例庚', asked_at: '2026-11-26T10:00:00+08:00', awaited, answers: [] } })
const security = { role: 'security', title: '安全管理员' }
const why = (step: PackStep, packs: PackView[], roles: string[]) => {
  const all = versionsOf(packs)
  return whyNotStep(step, all[0]!, all, { roles })
}

describe('versions', () => {
  it('stand by number, the newest first, below one head for each pack', () => {
    expect(compareVersions('0.10.0', '0.9.0')).toBeGreaterThan(0)
    const [only] = packsOf([pack('0.9.0', 'active'), pack('0.10.0', 'staged')])
    expect(only?.versions.map(({ version }) => version)).toEqual(['0.10.0', '0.9.0'])
  })

  it('say what comes next', () => {
    expect(versionsOf([pack('1.0.0', 'staged', asks('open', [security]))]).map(nextWords)).toEqual(['等待安全管理员批准'])
    expect(versionsOf([pack('1.0.0', 'active')]).map(nextWords)).toEqual([''])
  })
})

describe('a step', () => {
  it('is open to the role that is waited for, and to no other', () => {
    const waiting = [pack('1.0.0', 'staged', asks('open', [security]))]
    expect(why('approve', waiting, ['security'])).toBeNull()
    expect(why('approve', waiting, ['administrator'])).toBe('由安全管理员办理')
    expect(why('activate', waiting, ['administrator'])).toContain('安全管理员')
  })

  it('follows the standing', () => {
    expect(why('activate', [pack('1.0.0', 'staged', asks('approved', []))], ['administrator'])).toBeNull()
    expect(why('activate', [pack('1.0.0', 'active')], ['administrator'])).toBeTruthy()
    expect(why('release', [pack('1.0.0', 'quarantined')], ['administrator'])).toBeNull()
  })

  it('goes back only from the newest active version, and only to another', () => {
    expect(why('rollback', [pack('1.1.0', 'active'), pack('1.0.0', 'active')], ['administrator'])).toBeNull()
    expect(why('rollback', [pack('1.0.0', 'active'), pack('1.1.0', 'active')], ['administrator'])).toContain('1.1.0')
    expect(why('rollback', [pack('1.1.0', 'active')], ['administrator'])).toContain('没有')
  })
})

describe('a grant', () => {
  const grant = { pack: 'sample', allows: { imports: ['cases'], reads: ['a.b'], writes: [], ceiling: 'L4' }, duty_division: '500000', duty_unit: 'u1', purposes: ['p'], approved_by: 'x', approved_at: 1 }
  it('is told in words', () => {
    expect(grantWords(grant)).toContainEqual(['可用接口', '案件'])
    expect(grantWords(null)).toBeNull()
  })
  it('is proposed again without the name of who approved it', () => {
    expect(grantFile(grant)).toBe('pack = "sample"\nduty_division = "500000"\nduty_unit = "u1"\npurposes = ["p"]\n\n[allows]\nimports = ["cases"]\nreads = ["a.b"]\nwrites = []\nceiling = "L4"')
  })
})
