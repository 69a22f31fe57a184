/** Formats that the host knows by name. A pack names one; it never brings an expression of its own. */

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const ID_CHECK = '10X98765432'
const USCC_CHARS = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]

/** A resident identity number: 18 places, a real date, the right check character (GB 11643). */
export function isResidentId(value: string): boolean {
  if (!/^\d{17}[\dXx]$/.test(value)) return false
  const [year, month, day] = [value.slice(6, 10), value.slice(10, 12), value.slice(12, 14)].map(Number) as [number, number, number]
  const born = new Date(Date.UTC(year, month - 1, day))
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day || born.getTime() > Date.now()) return false
  const sum = ID_WEIGHTS.reduce((total, weight, place) => total + weight * Number(value[place]), 0)
  return ID_CHECK[sum % 11] === value[17]?.toUpperCase()
}

/** A unified social credit code (GB 32100). */
export function isCreditCode(value: string): boolean {
  if (!/^[0-9A-HJ-NPQRTUWXY]{18}$/.test(value)) return false
  const sum = USCC_WEIGHTS.reduce((total, weight, place) => total + weight * USCC_CHARS.indexOf(value[place] ?? ''), 0)
  return USCC_CHARS[(31 - (sum % 31)) % 31] === value[17]
}

/** Masked values (with *) come back from the server; they are never checked here. */
function unlessMasked(check: (value: string) => boolean): (value: string) => boolean {
  return (value) => value.includes('*') || check(value)
}

/** Each format's check, by name. */
export const FORMATS: Record<string, (value: string) => boolean> = {
  'id-cn': unlessMasked(isResidentId),
  'phone-cn': unlessMasked((value) => /^1[3-9]\d{9}$/.test(value) || /^0\d{2,3}-?\d{7,8}$/.test(value)),
  uscc: unlessMasked(isCreditCode),
  'plate-cn': unlessMasked((value) => /^[\u4e00-\u9fa5][A-Z][A-HJ-NP-Z0-9]{5,6}$/.test(value)),
  'geo-point': (value) => {
    const [longitude, latitude, rest] = value.split(',').map(Number)
    return rest === undefined && longitude !== undefined && latitude !== undefined && Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90
  },
}

/** What would be right, for each format. */
export const FORMAT_WORDS: Record<string, string> = {
  'id-cn': '18 位居民身份证号，出生日期和校验位要正确',
  'phone-cn': '11 位手机号，或带区号的固定电话',
  uscc: '18 位统一社会信用代码，校验位要正确',
  'plate-cn': '车牌号，如 渝A99999',
  'geo-point': '经度,纬度，如 106.55,29.56',
  date: '日期，如 2026-11-24',
  'date-time': '日期和时间，如 2026-11-24 09:30',
  email: '电子邮箱地址',
  money: '金额（元）',
}
