import { getDefaultFormState } from '@rjsf/utils'
import { describe, expect, it } from 'vitest'
import { isCreditCode, isResidentId } from './formats'
import { DEFAULTS } from './PluginForm'
import { asSchema, startingData } from './schema'
import { validate, validator } from './validator'

const schema = asSchema({
  type: 'object',
  required: ['title', 'kind', 'agreed', 'rows'],
  properties: {
    title: { type: 'string', title: '名称', minLength: 2, maxLength: 5 },
    kind: { type: 'string', title: '种类', oneOf: [{ const: 'a', title: '甲' }, { const: 'b', title: '乙' }] },
    agreed: { type: 'boolean', title: '是否同意' },
    count: { type: 'integer', title: '数量', minimum: 1, maximum: 9 },
    phone: { type: 'string', title: '电话', format: 'phone-cn' },
    identity: { type: 'string', title: '身份证号', format: 'id-cn' },
    rows: {
      type: 'array',
      title: '人员',
      minItems: 1,
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string', title: '姓名' }, 'a/b': { type: 'string', title: '带斜线', maxLength: 1 } } },
    },
  },
  if: { properties: { agreed: { const: false } }, required: ['agreed'] },
  then: { required: ['why'], properties: { why: { type: 'string', title: '不同意的理由' } } },
})
const good = { title: '名称', kind: 'a', agreed: true, rows: [{ name: '样例甲' }] }

function messages(data: unknown): string[] {
  return validate(schema, data).map((error) => `${error.property} ${error.message}`)
}

describe('validator', () => {
  it('passes what is right', () => {
    expect(messages({ ...good, count: 3, phone: '19900000000' })).toEqual([])
  })

  it('asks for what is missing in the field’s own words, each at its field', () => {
    expect(messages({ rows: [{}] })).toEqual(['.title 请填写名称', '.kind 请选择种类', '.agreed 请选择是否同意', '.rows.0.name 请填写姓名'])
  })

  it('treats a cleared field as absent', () => {
    expect(messages({ ...good, title: undefined })).toEqual(['.title 请填写名称'])
  })

  it('says one thing for a value outside the options', () => {
    expect(messages({ ...good, kind: 'c' })).toEqual(['.kind 请从给出的选项中选择种类'])
  })

  it('says the limit and what was found', () => {
    expect(messages({ ...good, title: '名称太长了吧', count: 12 })).toEqual(['.title 名称最多 5 个字，现在有 6 个', '.count 数量不能大于 9'])
  })

  it('asks under a condition only, and says nothing of the condition itself', () => {
    expect(messages({ ...good, agreed: false })).toEqual(['.why 请填写不同意的理由'])
  })

  it('finds names with slashes', () => {
    expect(messages({ ...good, rows: [{ name: '样例甲', 'a/b': '过长' }] })).toEqual([".rows.0['a/b'] 带斜线最多 1 个字，现在有 2 个"])
  })

  it('checks the host’s formats and leaves masked values alone', () => {
    expect(messages({ ...good, phone: '123' })).toEqual(['.phone 电话应为11 位手机号，或带区号的固定电话'])
    expect(messages({ ...good, phone: '199****0000', identity: '999***********001X' })).toEqual([])
    expect(messages({ ...good, identity: '999999199001010010' })).toHaveLength(1)
  })

  it('gives rjsf the errors as a tree', () => {
    const { errorSchema } = validator.validateFormData({ ...good, rows: [{}] }, schema as never)
    expect(errorSchema).toEqual({ rows: { 0: { name: { __errors: ['请填写姓名'] } } } })
  })

  it('judges a condition against the root’s definitions', () => {
    const root = { $defs: { yes: { const: true } } }
    expect(validator.isValid({ properties: { a: { $ref: '#/$defs/yes' } } }, { a: true }, root)).toBe(true)
    expect(validator.isValid({ properties: { a: { $ref: '#/$defs/yes' } } }, { a: false }, root)).toBe(false)
  })
})

describe('what a pack may send', () => {
  it('drops what could hang or leave the page', () => {
    const cleaned = asSchema({
      type: 'object',
      $ref: 'https://example.invalid/schema',
      properties: { a: { type: 'string', pattern: '^(a+)+$', 'ui:widget': 'x', description: '<b>文字</b>' } },
      patternProperties: { '^(a+)+$': {} },
    })
    expect(cleaned).toEqual({ type: 'object', properties: { a: { type: 'string', description: '<b>文字</b>' } } })
  })

  it('stops at a depth', () => {
    let deep: object = { type: 'string' }
    for (let index = 0; index < 100; index += 1) deep = { type: 'object', properties: { a: deep } }
    expect(JSON.stringify(asSchema(deep)).length).toBeLessThan(1000)
  })
})

describe('a new form', () => {
  it('answers nothing for the clerk', () => {
    const filled = getDefaultFormState(validator as never, schema as never, { agreed: false, rows: [{}] }, schema as never, false, DEFAULTS as never)
    expect(filled).toEqual({ agreed: false, rows: [{}] })
    const needsYesOrNo = asSchema({ type: 'object', required: ['a', 'b'], properties: { a: { type: 'boolean' }, b: { type: 'string', oneOf: [{ const: 'x' }] } } })
    expect(getDefaultFormState(validator as never, needsYesOrNo as never, {}, needsYesOrNo as never, false, DEFAULTS as never)).toEqual({})
  })

  it('has the rows that a list needs, and declared defaults', () => {
    expect(startingData(schema)).toEqual({ rows: [{}] })
    expect(startingData(asSchema({ type: 'object', properties: { a: { type: 'integer', default: 2 } } }))).toEqual({ a: 2 })
  })
})

describe('formats', () => {
  it('tells a resident identity number by date and check character', () => {
    expect(isResidentId('99999919900101001X')).toBe(isResidentId('99999919900101001x'))
    const right = [...'0123456789X'].filter((check) => isResidentId(`99999919900101001${check}`))
    expect(right).toHaveLength(1)
    expect(isResidentId('999999199002300010')).toBe(false)
    expect(isResidentId('999999299001010010')).toBe(false)
  })

  it('tells a credit code by its check character', () => {
    const right = [...'0123456789ABCDEFGHJKLMNPQRTUWXY'].filter((check) => isCreditCode(`91500000MA0000000${check}`))
    expect(right).toHaveLength(1)
  })
})
