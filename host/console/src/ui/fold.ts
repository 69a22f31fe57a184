/** Counts that are nothing, told in one sentence: a page of noughts hides the few numbers that are none. */

export interface Counted {
  title: string
  count?: number | null
}

/** The lines to be listed, and the names of those that are 0; names that begin alike are told together. */
export function folded<T extends Counted>(lines: readonly T[]): { shown: T[]; none: string[] } {
  const none = new Map<string, string[]>()
  for (const { title, count } of lines) {
    if (count !== 0) continue
    const at = title.indexOf('：')
    const [begin, end] = at < 0 ? [title, ''] : [title.slice(0, at), title.slice(at + 1)]
    none.set(begin, [...(none.get(begin) ?? []), ...(end ? [end] : [])])
  }
  return {
    shown: lines.filter(({ count }) => count !== 0),
    none: [...none].map(([begin, ends]) => (ends.length > 0 ? `${begin}（${ends.join('、')}）` : begin)),
  }
}
