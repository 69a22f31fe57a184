/** Times as clerks read them: 24 hours, Monday weeks, relative only where it helps to act. */
import dayjs from 'dayjs'

/** An instant as the API gives it: RFC 3339 text or milliseconds. */
export type InstantLike = string | number | null | undefined

/** `2026-11-24 09:30`, or a dash. */
export function dateTime(instant: InstantLike): string {
  const at = parse(instant)
  return at ? at.format('YYYY-MM-DD HH:mm') : '—'
}

/** The shortest form that is still unmistakable: today's time, this year's day, or the whole. */
export function shortTime(instant: InstantLike, now = dayjs()): string {
  const at = parse(instant)
  if (!at) return '—'
  if (at.isSame(now, 'day')) return `今天 ${at.format('HH:mm')}`
  if (at.isSame(now, 'year')) return at.format('MM-DD HH:mm')
  return at.format('YYYY-MM-DD')
}

function parse(instant: InstantLike): dayjs.Dayjs | null {
  if (instant === null || instant === undefined || instant === '') return null
  const at = dayjs(instant)
  return at.isValid() ? at : null
}
