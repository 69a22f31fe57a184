/**
 * Versions of packs as the pages show them: grouped by pack, with what may be done about each, by whom, and why not. It
 * knows the standings and roles of the host, and no pack. The server decides; what is said here saves useless tries.
 */
import type { PackView, Session } from '../api/types'
import { whyNotYours } from '../ui/words'

export type Standing = 'staged' | 'active' | 'shadow' | 'quarantined' | 'withdrawn' | 'removed'

const TONES: Record<Standing, string> = {
  staged: 'tag-policy',
  active: 'tag-good',
  shadow: 'tag-stage',
  quarantined: 'tag-bad',
  withdrawn: 'tag-quiet',
  removed: 'tag-quiet',
}

/** A stored version, with its standing. */
export type Version = PackView & { standing: Standing; tone: string }

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
    const standing = (Object.hasOwn(TONES, pack.state) ? pack.state : 'staged') as Standing
    return { ...pack, standing, tone: TONES[standing] }
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
export function effectiveWords({ effective_from: from, effective_until: until }: Pick<Version, 'effective_from' | 'effective_until'>): string {
  return until ? `${from} 至 ${until}` : `${from} 起`
}

/** Who has not answered yet, in words; empty where nobody is waited for. */
export function awaitedWords(version: Pick<PackView, 'request'>): string {
  return version.request?.state === 'open' ? version.request.awaited.map(({ title }) => title).join('、') : ''
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
export type PackStep = 'approve' | 'refuse' | 'activate' | 'cancel' | 'rollback' | 'release' | 'withdraw' | 'remove'

const FROM: Record<Exclude<PackStep, 'approve' | 'refuse' | 'cancel'>, [Standing[], string]> = {
  activate: [['staged', 'shadow', 'withdrawn'], '只有待启用、影子运行或已撤下的版本可以启用'],
  withdraw: [['active', 'quarantined'], '只有已启用的版本可以撤下'],
  release: [['quarantined'], '没有被隔离'],
  remove: [['staged', 'withdrawn', 'quarantined'], '先撤下，再移除'],
  rollback: [['active'], '只有已启用的版本可以回退'],
}

/** Why a person may not take a step about a version now; null where it is open. `all` are the pack's versions. */
export function whyNotStep(step: PackStep, version: Version, all: readonly Version[], { roles }: Pick<Session, 'roles'>): string | null {
  const { request, standing } = version
  if (step === 'approve' || step === 'refuse') {
    if (request?.state !== 'open') return '没有待批准的授权'
    return whyNotYours(
      roles,
      request.awaited.map(({ role }) => role),
    )
  }
  if (step === 'cancel') return version.activation?.state === 'waiting' ? whyNotYours(roles, ['administrator']) : '没有排定启用'
  const [from, otherwise] = FROM[step]
  if (!from.includes(standing)) return otherwise
  if (step === 'activate' && request?.state === 'open') return `授权还须由${awaitedWords(version)}批准`
  if (step === 'activate' && request?.state === 'refused') return '授权已被退回，请调整后重新暂存'
  if (step === 'rollback') {
    const active = all.filter((other) => other.standing === 'active').toSorted((a, b) => compareVersions(b.version, a.version))
    if (active[0]?.version !== version.version) return `回退从最新启用的 ${active[0]?.version} 开始`
    if (active.length < 2) return '没有已启用的上一版本可以恢复'
  }
  return whyNotYours(roles, ['administrator'])
}
