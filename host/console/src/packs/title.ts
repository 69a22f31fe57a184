/** What a pack is called, where an answer names it by its code. */
import { useQuery } from '@tanstack/react-query'
import { packsQuery } from '../api/queries'

/** A version of a pack by the pack's title; by its code until the packs have come, or where it is not among them. */
export function usePackTitle({ pack, version }: { pack: string; version: string }): string {
  const packs = useQuery(packsQuery)
  return `${packs.data?.find(({ name }) => name === pack)?.title ?? pack} ${version}`
}
