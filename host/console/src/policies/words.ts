/** What policy sets are called, and small things that several parts of the page need. */
import type { PolicyFile, PolicySet } from '../api/types'
import { keep } from '../audit/words'

/** Where a set stands: the word and its tone. */
export function stateOf(set: Pick<PolicySet, 'state' | 'reset'>): [string, string] {
  if (set.state === 'proposed') return ['待批准', 'tag-stage']
  if (set.state === 'in_force') return set.reset ? ['现行（停机时重置）', 'tag-policy'] : ['现行', 'tag-good']
  if (set.state === 'refused') return ['未批准', 'tag-bad']
  return ['已替换', 'tag-quiet']
}

/** Lines of a file that hold a text, by number from 1. Letters of either case. */
export function linesWith(text: string, sought: string): number[] {
  const wanted = sought.trim().toLowerCase()
  if (wanted === '') return []
  return text.split('\n').flatMap((line, index) => (line.toLowerCase().includes(wanted) ? [index + 1] : []))
}

/** Files chosen from a disk, put in the place of those of the same name, and new ones at the end; the rest stays as it is. */
export function replaced(files: PolicyFile[], chosen: PolicyFile[]): PolicyFile[] {
  const taken = files.map((file) => chosen.find(({ name }) => name === file.name) ?? file)
  return [...taken, ...chosen.filter(({ name }) => files.every((file) => file.name !== name))]
}

/** A policy file as it can be changed on a disk. */
export function saveFile(file: PolicyFile) {
  keep(file.text, file.name)
}
