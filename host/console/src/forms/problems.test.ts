import { describe, expect, it } from 'vitest'
import { mapProblems } from './problems'
import { asSchema } from './schema'

const schema = asSchema({
  type: 'object',
  properties: {
    room: { type: 'string', title: '房间' },
    guests: { type: 'array', items: { type: 'object', properties: { number: { type: 'string' } } } },
  },
  if: { properties: { room: { const: 'x' } } },
  then: { properties: { extra: { type: 'string' } } },
})

function problem(at: string) {
  return { at, found: '空', expected: '有内容' }
}

describe('problems from the server', () => {
  it('stand at their field, whether they point into the request, the answers, or name it', () => {
    const wanted = { guests: { 1: { number: { __errors: ['空，应为有内容'] } } } }
    for (const at of ['/answers/guests/1/number', '/guests/1/number', 'guests[1].number', '#/guests/1/number']) expect(mapProblems([problem(at)], schema)).toEqual({ fields: wanted, rest: [] })
  })

  it('stand at the nearest part that is shown', () => {
    expect(mapProblems([problem('/guests/0/unknown')], schema).fields).toEqual({ guests: { 0: { __errors: ['空，应为有内容'] } } })
  })

  it('find fields that only a condition adds', () => {
    expect(mapProblems([problem('/extra')], schema).rest).toEqual([])
  })

  it('are kept apart when they concern no field', () => {
    const { fields, rest } = mapProblems([problem('/subject'), problem('')], schema)
    expect(fields).toEqual({})
    expect(rest).toHaveLength(2)
  })

  it('are all kept when several concern one field', () => {
    expect(mapProblems([problem('/room'), { at: '/room', found: '', expected: '已备案的房间' }], schema).fields).toEqual({ room: { __errors: ['空，应为有内容', '应为已备案的房间'] } })
  })
})
