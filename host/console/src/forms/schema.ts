/**
 * The part of JSON Schema that a pack may use, and nothing else. What the browser does not know it drops: no pattern (a
 * free expression can hang the page), no remote reference, no markup. The server checks answers against the whole
 * schema again; it is the authority.
 */
import type { Json } from '../api/types'

export interface Schema {
  type?: string | string[]
  title?: string
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  oneOf?: Schema[]
  allOf?: Schema[]
  enum?: Json[]
  const?: Json
  default?: Json
  format?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  multipleOf?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  if?: Schema
  then?: Schema
  else?: Schema
  $ref?: string
  $defs?: Record<string, Schema>
  definitions?: Record<string, Schema>
}

const WORDS = new Set(['type', 'title', 'description', 'required', 'enum', 'const', 'default', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems'])
const INNER = new Set(['items', 'if', 'then', 'else'])
const LISTS = new Set(['oneOf', 'allOf'])
const MAPS = new Set(['properties', '$defs', 'definitions'])
const DEPTH = 12

/** Reads a schema from the server, keeping only the subset. */
export function asSchema(raw: unknown, depth = 0): Schema {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || depth > DEPTH) return {}
  const kept: Record<string, unknown> = {}
  for (const [word, value] of Object.entries(raw)) {
    if (WORDS.has(word)) kept[word] = value
    else if (INNER.has(word)) kept[word] = asSchema(value, depth + 1)
    else if (LISTS.has(word) && Array.isArray(value)) kept[word] = value.map((item) => asSchema(item, depth + 1))
    else if (MAPS.has(word) && typeof value === 'object' && value !== null)
      kept[word] = Object.fromEntries(inOrder(Object.entries(value), word === 'properties' ? (raw as Ordered)['x-order'] : undefined).map(([name, inner]) => [name, asSchema(inner, depth + 1)]))
    else if (word === '$ref' && typeof value === 'string' && value.startsWith('#/')) kept[word] = value
  }
  const schema = kept as Schema
  // Several of a few options are ticked, not added one by one; none can be meant twice.
  if (hasType(schema, 'array') && (schema.items?.oneOf ?? schema.items?.enum)) schema.uniqueItems = true
  return schema
}

interface Ordered {
  'x-order'?: unknown
}

/** JSON objects have no order: where the pack's author stated one, the properties come in it, and what it forgot comes last. */
function inOrder<T>(entries: [string, T][], order: unknown): [string, T][] {
  if (!Array.isArray(order)) return entries
  const place = (name: string) => {
    const at = order.indexOf(name)
    return at < 0 ? order.length : at
  }
  return [...entries].sort(([one], [other]) => place(one) - place(other))
}

/** Whether a schema has this type, nullable or not. */
export function hasType(schema: Schema, type: string): boolean {
  return Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type
}

/**
 * What stands in a new form: declared defaults, and as many empty rows as a list must have at least. Nothing else: no
 * answer is given for the clerk.
 */
export function startingData(schema: Schema): Record<string, Json> {
  const data: Record<string, Json> = {}
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default !== undefined) data[name] = property.default
    else if (hasType(property, 'array') && property.minItems && property.items && hasType(property.items, 'object')) {
      const { items, minItems } = property
      data[name] = Array.from({ length: Math.min(minItems, 10) }, () => startingData(items))
    }
  }
  return data
}

/** The schema at a path of property names and indexes, or an empty one. */
export function schemaAt(root: Schema, path: string[]): Schema {
  let here: Schema = root
  for (const step of path) here = resolve(root, (/^\d+$/.test(step) && here.items) || findProperty(root, here, step))
  return here
}

function resolve(root: Schema, schema: Schema): Schema {
  const name = schema.$ref?.match(/^#\/(\$defs|definitions)\/(.+)$/)
  if (!name) return schema
  const defs = name[1] === '$defs' ? root.$defs : root.definitions
  return { ...(defs?.[name[2] ?? ''] ?? {}), ...schema, $ref: undefined }
}

function findProperty(root: Schema, schema: Schema, name: string): Schema {
  const own = schema.properties?.[name]
  if (own) return resolve(root, own)
  for (const branch of [schema.then, schema.else, ...(schema.allOf ?? [])]) {
    if (!branch) continue
    const found = findProperty(root, branch, name)
    if (Object.keys(found).length > 0) return found
  }
  return {}
}
