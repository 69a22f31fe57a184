/** The steps of a version's life, each first tried without effect: the one file that knows their routes. */
import { api, call } from '../api/client'
import type { PackView } from '../api/types'
import type { PackStep } from './versions'

/** What a step needs besides the version. */
export interface StepBody {
  reason?: string
  /** At which instant, RFC 3339; none: now. */
  at?: string
  dry_run?: boolean
}

/** Takes a step, or, as a dry run, says what it would do. */
export async function takeStep(step: PackStep, { name, version }: Pick<PackView, 'name' | 'version'>, body: StepBody): Promise<string[]> {
  const { lines } = await (step === 'rollback' ? call(api.POST('/api/v1/packs/{name}/rollback', { params: { path: { name } }, body })) : call(api.POST(`/api/v1/packs/{name}/{version}/${step}`, { params: { path: { name, version } }, body })))
  return lines
}

/** A file as Base64, as JSON carries it. */
async function base64(file: Blob): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error ?? new Error('读不到文件'))
    reader.readAsDataURL(file)
  })
  return url.slice(url.indexOf(',') + 1)
}

/** What is proposed together with a component. */
export interface Proposal {
  /** The grant, as a grant file states it. */
  grant: string
  /** Its signatures, as the text of the file beside it; empty where there are none. */
  signatures: string
  /** The pack's name once more, where it is nearly another's. */
  confirm_name: string | null
}

/** Stores a component with the grant that is proposed for it, or, as a dry run, says what that would mean. */
export async function stage(component: Blob, proposal: Proposal, dryRun: boolean): Promise<string[]> {
  const { lines } = await call(api.POST('/api/v1/packs', { body: { component: await base64(component), ...proposal, dry_run: dryRun } }))
  return lines
}
