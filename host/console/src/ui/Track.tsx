/** What happened, newest first, and where a record stands on the host's spine. */
import { CheckOutlined } from '@ant-design/icons'
import { Link } from '@tanstack/react-router'
import { Empty } from 'antd'
import type { TimelineEntry } from '../api/types'
import { dateTime } from './time'

const KINDS: Record<string, string> = {
  opened: '立项',
  registered: '登记',
  moved: '流转',
  move: '流转',
  stage: '流转',
  note: '记录',
  reply: '答复',
  replied: '答复',
  decision: '插件判断',
  decided: '插件判断',
  event: '接收',
  duty: '职责',
  complete: '职责',
  decide: '插件判断',
  import: '导入',
  assessed: '定级',
  assess: '定级',
  clock: '时限',
  supervised: '督办',
}

/** Entries that clerks wrote themselves; all others are the record's course. */
export function isWritten(entry: TimelineEntry): boolean {
  return ['note', 'reply', 'replied'].includes(entry.kind)
}

export function Track({ entries, none = '还没有记录' }: { entries: TimelineEntry[]; none?: string }) {
  if (entries.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={none} />
  const newest = entries.map((entry, index) => ({ entry, index })).sort((a, b) => (a.entry.at === b.entry.at ? b.index - a.index : a.entry.at < b.entry.at ? 1 : -1))
  return (
    <ol className="track">
      {newest.map(({ entry, index }) => (
        <li key={index} className={`track-${entry.kind}`}>
          <time>{dateTime(entry.at)}</time>
          <span className="track-kind">{KINDS[entry.kind] ?? '记录'}</span>
          <div className="track-body">
            <span className="track-text">{entry.text}</span>
            <span className="dim"> — {entry.who}</span>
            {entry.decision && (
              <Link className="track-link" to="/decisions/$id" params={{ id: entry.decision }}>
                看依据
              </Link>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}

export function StageSteps({ stages, stage }: { stages: readonly (readonly [string, string])[]; stage: string }) {
  const here = stages.findIndex(([name]) => name === stage)
  return (
    <ol className="steps" aria-label="所处环节">
      {stages.map(([name, title], index) => (
        <li key={name} className={index < here ? 'step-done' : index === here ? 'step-here' : ''} aria-current={index === here ? 'step' : undefined}>
          <span className="step-dot">{index < here ? <CheckOutlined /> : index + 1}</span>
          {title}
        </li>
      ))}
    </ol>
  )
}
