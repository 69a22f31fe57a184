/** What a set would be: what the checks found, which lines differ, and what it means for posts. */
import { Alert, Collapse, Empty } from 'antd'
import type { PolicyDifference, PolicyEffects, PolicyReport } from '../api/types'

const CHANGES: Record<string, [string, string]> = { added: ['新文件', 'tag-good'], removed: ['删去', 'tag-bad'], changed: ['修改', 'tag-stage'] }
const SIGNS: Record<string, string> = { added: '+', removed: '−', same: '', gap: '⋯' }

function Lines({ file }: { file: PolicyDifference }) {
  return (
    <table className="line-diff" aria-label={`${file.name} 的差异`}>
      <tbody>
        {file.lines.map((line) => (
          <tr key={`${line.kind}${line.before ?? ''}/${line.after ?? ''}/${line.text}`} className={`line-${line.kind}`}>
            <td className="line-number">{line.before}</td>
            <td className="line-number">{line.after}</td>
            <td className="line-sign">{SIGNS[line.kind]}</td>
            <td>
              <code>{line.text}</code>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

export function FileDifferences({ files }: { files: PolicyDifference[] }) {
  if (files.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="文件与现行策略相同" />
  return (
    <Collapse
      size="small"
      defaultActiveKey={files.map(({ name }) => name)}
      items={files.map((file) => {
        const [word, tone] = CHANGES[file.change] ?? [file.change, 'tag-quiet']
        return {
          key: file.name,
          label: (
            <span className="difference-head">
              <span className="code">{file.name}</span>
              <span className={`tag ${tone}`}>{word}</span>
            </span>
          ),
          extra: `+${file.added} −${file.removed}`,
          children: <Lines file={file} />,
        }
      })}
    />
  )
}

function Rights({ rights, sign }: { rights: string[]; sign: '+' | '−' }) {
  if (rights.length === 0) return <span className="dim">—</span>
  return (
    <details className="policy-rights" open={rights.length <= 6}>
      <summary>
        {sign === '+' ? '多' : '少'} {rights.length} 项
      </summary>
      <ul>
        {rights.map((right) => (
          <li key={right} className={sign === '+' ? 'policy-gain' : 'policy-loss'}>
            <span aria-hidden>{sign}</span> {right}
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Something to look at, policy by policy. */
function Places({ title, places }: { title: string; places: string[] }) {
  return (
    <Alert
      type="warning"
      showIcon
      title={title}
      description={places.map((place) => (
        <div key={place} className="code break">
          {place}
        </div>
      ))}
    />
  )
}

function Effects({ effects }: { effects: PolicyEffects }) {
  return (
    <div className="stack">
      {effects.named.length > 0 && <Places title={`有 ${effects.named.length} 条改动过的策略点名到具体的人、职责或任务，其影响不在下表中，请逐条核对`} places={effects.named} />}
      {effects.idle.length > 0 && <Places title={`有 ${effects.idle.length} 条改动过的策略对任何岗位都不起作用，删去也没有差别：请核对岗位名和条件`} places={effects.idle} />}
      {effects.posts.length === 0 ? (
        <p>没有岗位的权限发生变化。</p>
      ) : (
        <>
          <p className="dim">
            按岗位计，不涉及具体的人。{effects.widens ? '有岗位会多出权限，用“+”标出。' : '没有岗位多出权限。'}没有账号的岗位也列出，以后可能有人担任。
          </p>
          <div className="policy-effects">
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">岗位</th>
                  <th scope="col">账号数</th>
                  <th scope="col">将会多出</th>
                  <th scope="col">将会失去</th>
                </tr>
              </thead>
              <tbody>
                {effects.posts.map((post) => (
                  <tr key={post.title}>
                    <td>{post.title}</td>
                    <td className="code">{post.accounts}</td>
                    <td>
                      <Rights rights={post.gains} sign="+" />
                    </td>
                    <td>
                      <Rights rights={post.loses} sign="−" />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  )
}

/** What the checks found, each with file, line and what would be right. */
function Checks({ problems }: { problems: PolicyReport['problems'] }) {
  if (problems.length === 0) return <Alert type="success" showIcon title="检查通过" description="语法、模式（严格）和不可放宽的底线逐项核对无误。批准和每次启动时还会再查一遍。" />
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={`检查没有通过，共 ${problems.length} 处；不能启用`}
      description={
        <ul className="problem-list">
          {problems.map((problem) => (
            <li key={`${problem.at}${problem.found}`}>
              <code>{problem.at}</code> {problem.found}
              <div>应为：{problem.expected}</div>
            </li>
          ))}
        </ul>
      }
    />
  )
}

export function Report({ report }: { report: PolicyReport }) {
  return (
    <div className="stack">
      <h3 className="sub-title">检查</h3>
      <Checks problems={report.problems} />
      <h3 className="sub-title">对各岗位的影响（与现行策略比）</h3>
      {report.effects ? <Effects effects={report.effects} /> : <p>不能作为策略读取，无法判断影响；请先改正上面的问题。</p>}
      <h3 className="sub-title">文件差异（与现行策略比）</h3>
      <FileDifferences files={report.differences} />
    </div>
  )
}
