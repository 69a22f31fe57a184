import { describe, expect, it } from 'vitest'
import { folded } from './fold'

describe('folded', () => {
  it('lists what is counted or withheld, and tells what is nothing together', () => {
    const lines = [
      { title: '删除：已答复', count: 0 },
      { title: '删除：撤回', count: 2 },
      { title: '删除：办理中', count: 0 },
      { title: '投诉：已答复', count: null },
      { title: '不同意', count: 0 },
    ]
    const { shown, none } = folded(lines)
    expect(shown.map(({ title }) => title)).toEqual(['删除：撤回', '投诉：已答复'])
    expect(none).toEqual(['删除（已答复、办理中）', '不同意'])
  })
})
