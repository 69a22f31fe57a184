import { describe, expect, it } from 'vitest'
import { named } from './people'

describe('named', () => {
  it('puts names where ids are known, and leaves the others', () => {
    const accounts = [{ person: '2dpaz', name: '样例己', login: 'auditor' }]
    expect(named('人员 2dpaz（样例市综治中心）', accounts)).toBe('样例己 auditor（样例市综治中心）')
    expect(named('人员 13fqg（渝中区）', accounts)).toBe('人员 13fqg（渝中区）')
  })
})
