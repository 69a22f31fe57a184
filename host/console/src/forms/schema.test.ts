import { expect, test } from 'vitest'
import { asSchema } from './schema'

const property = { type: 'string', title: 'x' }

test('properties come in the order that their author stated, what was forgotten last', () => {
  const schema = asSchema({ type: 'object', 'x-order': ['name', 'born', 'absent'], properties: { born: property, extra: property, name: property } })
  expect(Object.keys(schema.properties ?? {})).toEqual(['name', 'born', 'extra'])
})

test('several of a few options are ticked: none can be meant twice', () => {
  expect(asSchema({ type: 'array', items: { type: 'string', oneOf: [{ const: 'a', title: '甲' }] } }).uniqueItems).toBe(true)
  expect(asSchema({ type: 'array', items: property }).uniqueItems).toBeUndefined()
})
