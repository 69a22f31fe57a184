/**
 * Versions of packs as the pages show them: grouped by pack, with what may be done about each, by whom, and why not. It
 * knows the standings and roles of the host, and no pack. The server decides; what is said here saves useless tries.
 */
import type { PackView, Session } from '../api/types'
import { roleTitle, whyNotYours } from '../ui/words'

export type Standing = 'staged' | 'active' | 'shadow' | 'quarantined' | 'withdrawn' | 'removed'

const STANDINGS: Record<Standing, [string, string]> = {
  staged: ['暂存', 'tag-policy'],
  active: ['已启用', 'tag-good'],
  shadow: ['影子运行', 'tag-stage'],
  quarantined: ['已隔离', 'tag-bad'],
  withdrawn: ['已撤下', 'tag-quiet'],
  removed: ['已移除', 'tag-quiet'],
}

/** A stored version, with its standing in words. */
export type Version = PackView & { standing: Standing; standingTitle: string; tone: string }

/** A pack with its versions, the newest first. */
export interface Pack {
  name: string
  title: string
  versions: Version[]
}

/** Orders versions by their numbers: `1.10.0` comes after `1.9.0`. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** Every stored version, as the pages need it. */
export function versionsOf(packs: readonly PackView[]): Version[] {
  return packs.map((pack) => {
    const standing = (Object.hasOwn(STANDINGS, pack.state) ? pack.state : 'staged') as Standing
    const [standingTitle, tone] = STANDINGS[standing]
    return { ...pack, standing, standingTitle, tone }
  })
}

/** The packs by title, each with its versions. */
export function packsOf(packs: readonly PackView[]): Pack[] {
  const found = new Map<string, Version[]>()
  for (const version of versionsOf(packs)) found.set(version.name, [...(found.get(version.name) ?? []), version])
  return [...found]
    .map(([name, versions]) => {
      const sorted = versions.toSorted((a, b) => compareVersions(b.version, a.version))
      return { name, title: (sorted.find(({ standing }) => standing === 'active') ?? sorted[0])?.title ?? name, versions: sorted }
    })
    .toSorted((a, b) => a.title.localeCompare(b.title, 'zh-CN'))
}

/** From when until when a version is in force, by legal time. */
export function effectiveWords({ effective_from: from, effective_until: until }: Pick<PackView, 'effective_from' | 'effective_until'>): string {
  if (!from) return "—"
  return until ? `${from} 至 ${until}` : `${from} 起`
}

/** Who has not answered yet, in words; empty where nobody is waited for. */
export function awaitedWords(version: Pick<PackView, 'request'>): string {
  return version.request?.state === 'open' ? version.request.awaited.map(roleTitle).join('、') : ''
}

/** What one does next about a version, in a few words. */
export function nextWords(version: Version): string {
  const awaited = awaitedWords(version)
  if (version.standing === 'quarantined') return '查明原因，再解除隔离或回退'
  if (version.request?.state === 'refused') return '授权被退回'
  if (awaited) return `等待${awaited}批准`
  if (version.activation?.state === 'waiting') return '已排定启用'
  if (version.standing === 'staged') return '试运行，再启用'
  if (version.standing === 'shadow') return '看差异，再启用'
  return ''
}

/** A step of a version's life, by the name of its route. */
export type PackStep = 'approve' | 'refuse' | 'activate' | 'withdraw' | 'release' | 'remove' | 'rollback'

const FROM: Record<Exclude<PackStep, 'approve' | 'refuse'>, [Standing[], string]> = {
  activate: [['staged', 'shadow', 'withdrawn'], '只有暂存、影子运行或已撤下的版本可以启用'],
  withdraw: [['active'], '只有已启用的版本可以撤下'],
  release: [['quarantined'], '没有被隔离'],
  remove: [['staged', 'withdrawn', 'quarantined'], '先撤下，再移除'],
  rollback: [['active', 'quarantined'], '只有已启用或被隔离的版本可以回退'],
}

/** Why a person may not take a step about a version now; null where it is open. `all` are the pack's versions. */
export function whyNotStep(step: PackStep, version: Version, all: readonly Version[], { roles, person }: Pick<Session, 'roles' | 'person'>): string | null {
  const { request, standing } = version
  if (step === 'approve' || step === 'refuse') {
    if (request?.state !== 'open') return '没有待批准的授权'
    const yours = whyNotYours(roles, request.awaited)
    if (request.answers.some((answer) => answer.person === person.id)) return `您已批准；还须由${awaitedWords(version)}批准`
    return yours
  }
  const [from, otherwise] = FROM[step]
  if (!from.includes(standing)) return otherwise
  if (step === 'activate' && request?.state === 'open') return `授权还须由${awaitedWords(version)}批准`
  if (step === 'activate' && request?.state === 'refused') return '授权已被退回，请调整后重新暂存'
  if (step === 'activate' && version.provenance?.accepted === false) return '签名不符合来源策略，不能启用'
  if (step === 'rollback' && !all.some((other) => other.version !== version.version && ['active', 'withdrawn'].includes(other.standing) && compareVersions(other.version, version.version) < 0)) return '没有可以回到的旧版本'
  return whyNotYours(roles, ['administrator'])
}
