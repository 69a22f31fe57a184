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
  const { does } = await (step === 'rollback' ? call(api.POST('/api/v1/packs/{name}/rollback', { params: { path: { name } }, body })) : call(api.POST(`/api/v1/packs/{name}/{version}/${step}`, { params: { path: { name, version } }, body })))
  return does
}

/** Stores a component file as a staged version, or, as a dry run, says what it is. */
export function stage(file: Blob, dryRun: boolean): Promise<PackView> {
  // A component is bytes, not JSON: they go as they are.
  return call(
    api.POST('/api/v1/packs', {
      params: { query: { dry_run: dryRun } },
      body: file as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
      headers: { 'content-type': 'application/octet-stream' },
    }),
  )
}
