/** Sections and columns of a declared form. */
import type { FormSection } from '../api/types'
import { hasType, type Schema } from './schema'

/** One section as it is drawn. */
export interface Section {
  title: string
  cols: number
  fields: string[]
}

const MAX_COLS = 4
/** Text longer than this gets lines, not a line. */
const LONG_TEXT = 100

/**
 * The declared layout over the fields that there are. A field is drawn once, an unknown one not at all, and one that the
 * layout forgot comes last: what is asked must be visible.
 */
export function sections(layout: FormSection[], present: string[]): Section[] {
  const left = new Set(present)
  const drawn = layout.map(({ section, cols, fields }) => ({
    title: section,
    cols: Math.min(MAX_COLS, Math.max(1, Math.trunc(cols) || 1)),
    fields: fields.filter((field) => left.delete(field)),
  }))
  const kept = drawn.filter(({ fields }) => fields.length > 0)
  if (left.size > 0) kept.push({ title: kept.length > 0 ? '其他' : '', cols: 2, fields: [...left] })
  return kept
}

/** Whether a field takes the whole width of its section. */
export function isWide(schema: Schema): boolean {
  return hasType(schema, 'object') || (hasType(schema, 'array') && !isChoiceList(schema)) || isLongText(schema)
}

/** Whether a text is long enough to need several lines. */
export function isLongText(schema: Schema): boolean {
  return hasType(schema, 'string') && !schema.format && !schema.oneOf && !schema.enum && (schema.maxLength ?? 0) > LONG_TEXT
}

/** Whether a list is a choice of several options. */
export function isChoiceList(schema: Schema): boolean {
  return hasType(schema, 'array') && Boolean(schema.items?.oneOf ?? schema.items?.enum)
}
