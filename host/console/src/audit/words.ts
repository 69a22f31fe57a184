/** What the log's codes are called, and how text leaves as a file. */

/** How a touch ended: the word and its tone. */
export const VERDICTS: Record<string, [string, string]> = {
  allow: ['允许', 'tag-good'],
  deny: ['拒绝', 'tag-bad'],
  fail: ['未成', 'tag-policy'],
}

/** What was done, by the log's code, in the order of the filter. */
export const ACTIONS: [string, string][] = [
  ['read', '读取'],
  ['write', '写入'],
  ['decide', '插件决定'],
  ['fault', '插件故障'],
  ['sign_in', '登录'],
  ['sign_out', '退出'],
  ['import', '导入'],
  ['pack', '插件管理'],
  ['grant', '授权'],
  ['replay', '重放'],
  ['configure', '配置'],
  ['audit', '查看日志'],
  ['open', '批准查阅'],
  ['seal', '封存与查询'],
  ['relabel', '调整分级'],
  ['erase', '停止处理与销毁'],
  ['share', '数据共享'],
  ['export', '批量导出'],
  ['emergency', '紧急访问'],
  ['disclose', '告知本人'],
  ['record', '合规登记'],
]

const STANDINGS: Record<string, [string, string]> = {
  well: ['已共签', 'tag-good'],
  waiting: ['等待首次共签', 'tag-quiet'],
  unreachable: ['没有答复', 'tag-policy'],
  refused: ['没有共签', 'tag-policy'],
  cut: ['日志被截断', 'tag-bad'],
  forked: ['日志被改写', 'tag-bad'],
}

/** How it stands with a witness: the word and its tone. */
export function standing(code: string): [string, string] {
  return STANDINGS[code] ?? [code, 'tag-quiet']
}

/** Hands text to the person as a file. It never becomes part of the page. */
export function keep(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
