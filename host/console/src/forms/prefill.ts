/** A form arrives with what the centre holds already (一次采集): which field, from where, how old. */
import type { Json, JsonObject, Prefill } from '../api/types'

/** What stands in a new form: what is held takes the place of a declared default, and of nothing else. */
export function filled(start: JsonObject, held: readonly Prefill[]): JsonObject {
  const data = { ...start }
  for (const { field, value } of held) data[field] = value as Json
  return data
}

/** How old something is. */
export function age(days: number): string {
  return days === 0 ? '今天' : `${days} 天前`
}

/** What stands beside each field that is filled in. */
export function sourceNotes(held: readonly Prefill[]): Record<string, string> {
  return Object.fromEntries(held.map(({ field, source, days, level }) => [field, `已有：来源 ${source}，${age(days)}，${level}；不符请改正`]))
}
