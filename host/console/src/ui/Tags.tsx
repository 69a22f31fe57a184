/** Small marks: level, stage, and whether a rule is statute or local policy. */
import type { Basis, RiskLevel } from '../api/types'
import { LEVELS, stageTitle } from './words'

export function LevelTag({ level, advised = false }: { level: RiskLevel | null | undefined; advised?: boolean }) {
  if (!level) return <span className="tag tag-quiet">未定级</span>
  return <span className={`tag level-${level}${advised ? ' tag-advised' : ''}`}>{advised ? `建议${LEVELS[level]}` : LEVELS[level]}</span>
}

export function StageTag({ stage, substage }: { stage: string; substage?: string | null }) {
  return (
    <span className="tag tag-stage">
      {stageTitle(stage)}
      {substage ? <span className="tag-sub">{substage}</span> : null}
    </span>
  )
}

/** A rule's source. A limit set locally must never look like a statute's. */
export function BasisMark({ basis }: { basis: Basis }) {
  const statute = basis.authority === 'statute'
  return (
    <span className="basis">
      <span className={`tag ${statute ? 'tag-statute' : 'tag-policy'}`}>{statute ? '法定' : '政策'}</span>
      <span className="basis-article">{basis.article || '未注明条款'}</span>
    </span>
  )
}
