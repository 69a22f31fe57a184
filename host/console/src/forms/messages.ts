/** What is wrong with a field, as a sentence that says what would be right. */
import { FORMAT_WORDS } from './formats'
import { hasType, type Schema } from './schema'

const TYPES: Record<string, string> = { string: '文字', number: '数字', integer: '整数', boolean: '“是”或“否”', array: '列表', object: '一组内容' }

function isChoice(schema: Schema): boolean {
  return Boolean(schema.oneOf ?? schema.enum) || hasType(schema, 'boolean')
}

function isPicked(schema: Schema): boolean {
  return schema.format?.endsWith('-ref') === true || schema.format === 'date' || schema.format === 'date-time'
}

/** The sentence for one failed keyword. */
export function sentence(keyword: string, schema: Schema, name: string, value: unknown): string {
  const title = schema.title ?? (/^\d*$/.test(name) ? '此项' : name)
  switch (keyword) {
    case 'required':
      if (hasType(schema, 'array')) return `请至少填写一项${title}`
      return `请${isChoice(schema) || isPicked(schema) ? '选择' : '填写'}${title}`
    case 'minLength':
      return schema.minLength === 1 ? `请填写${title}` : `${title}至少 ${schema.minLength} 个字`
    case 'maxLength':
      return `${title}最多 ${schema.maxLength} 个字，现在有 ${typeof value === 'string' ? [...value].length : '更多'} 个`
    case 'minimum':
      return `${title}不能小于 ${schema.minimum}`
    case 'maximum':
      return `${title}不能大于 ${schema.maximum}`
    case 'exclusiveMinimum':
      return `${title}要大于 ${schema.exclusiveMinimum}`
    case 'exclusiveMaximum':
      return `${title}要小于 ${schema.exclusiveMaximum}`
    case 'multipleOf':
      return `${title}要是 ${schema.multipleOf} 的倍数`
    case 'minItems':
      return `${title}至少 ${schema.minItems} 项`
    case 'maxItems':
      return `${title}最多 ${schema.maxItems} 项`
    case 'uniqueItems':
      return `${title}有重复的项`
    case 'format':
      return `${title}应为${FORMAT_WORDS[schema.format ?? ''] ?? '规定的格式'}`
    case 'oneOf':
    case 'enum':
    case 'const':
      return `请从给出的选项中选择${title}`
    case 'type': {
      const types = (Array.isArray(schema.type) ? schema.type : [schema.type ?? '']).filter((type) => type !== 'null')
      return `${title}应为${types.map((type) => TYPES[type] ?? type).join('或')}`
    }
    default:
      return `${title}不符合要求`
  }
}
