import { expect, test } from 'vitest'
import { linesWith, replaced, stateOf } from './words'

test('a search finds lines whatever the case, and nothing where nothing is sought', () => {
  expect(linesWith('permit (\n  Action::"READ"\n);\n// read', 'read')).toEqual([2, 4])
  expect(linesWith('a\nb', '  ')).toEqual([])
})

test('files that are dropped take the place of those of the same name, and the rest stays', () => {
  const files = [
    { name: 'b.cedar', text: 'old' },
    { name: 'c.cedar', text: 'stays' },
  ]
  const next = replaced(files, [
    { name: 'b.cedar', text: 'new' },
    { name: 'a.cedar', text: 'more' },
  ])
  expect(next).toEqual([
    { name: 'b.cedar', text: 'new' },
    { name: 'c.cedar', text: 'stays' },
    { name: 'a.cedar', text: 'more' },
  ])
  expect(files[0]?.text).toBe('old')
})

test('a set that one person put in force is told apart from one of two', () => {
  expect(stateOf({ state: 'in_force', reset: true })[0]).not.toBe(stateOf({ state: 'in_force', reset: false })[0])
})
