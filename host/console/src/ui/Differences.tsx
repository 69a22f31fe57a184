/** What a new version decides otherwise, kind by kind: the gravest first, each with a few decisions to look at. */
import { Link } from '@tanstack/react-router'
import { Collapse, Empty } from 'antd'
import type { Difference } from '../api/types'
import { dateTime } from './time'

const LEANINGS: Record<string, string> = { loosens: 'tag-bad', tightens: 'tag-policy', neither: 'tag-quiet' }

/** Whether a new version is stricter or more lenient there; never by colour alone. */
function LeaningTag({ name, title }: { name: string; title: string }) {
  return <span className={`tag ${LEANINGS[name] ?? 'tag-quiet'}`}>{title}</span>
}

function Examples({ group, decisions }: { group: Difference; decisions: boolean }) {
  if (group.examples.length === 0) return <p className="dim">没有留下例子</p>
  return (
    <ol className="differences">
      {group.examples.map((example) => (
        <li key={example.of}>
          <p>
            {decisions ? (
              <Link to="/decisions/$id" params={{ id: example.of }}>
                决定 <span className="code">{example.of}</span>
              </Link>
            ) : (
              <>样例“{example.of}”</>
            )}
            {example.at && <span className="dim"> {dateTime(example.at)}</span>}
          </p>
          {example.changes.length > 0 && (
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">项目</th>
                  <th scope="col">现行版本</th>
                  <th scope="col">新版本</th>
                </tr>
              </thead>
              <tbody>
                {example.changes.map((change) => (
                  <tr key={change.at}>
                    <td className="code break">{change.at}</td>
                    <td className="break">{change.old}</td>
                    <td className="break">{change.new}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </li>
      ))}
    </ol>
  )
}

interface DifferencesProps {
  groups: Difference[]
  /** What was compared: recorded decisions, which have pages of their own, or golden cases. */
  of: 'decisions' | 'golden'
}

export function Differences({ groups, of }: DifferencesProps) {
  if (groups.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有差异" />
  return (
    <Collapse
      size="small"
      items={groups.map((group) => ({
        key: `${group.kind}/${group.leaning}`,
        label: (
          <span className="difference-head">
            {group.title} <LeaningTag name={group.leaning} title={group.leaning_title} />
          </span>
        ),
        extra: `${group.count} 个`,
        children: <Examples group={group} decisions={of === 'decisions'} />,
      }))}
    />
  )
}
