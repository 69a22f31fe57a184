/** What the trials of a version say about activating it: not at all, not by one person alone, or as it is. */
import { Alert } from 'antd'
import type { Verdict } from '../api/types'

function Whys({ texts }: { texts: string[] }) {
  return (
    <ul className="problem-list">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
}

export function VerdictNote({ verdict }: { verdict: Verdict }) {
  if (verdict.blocked.length > 0)
    return (
      <Alert
        type="error"
        showIcon
        title="不能启用：新版本自己的样例不符"
        description={
          <>
            <Whys texts={verdict.blocked} />
            <p>下一步：请插件开发方改正后交新版本；现行版本照常运行。</p>
          </>
        }
      />
    )
  if (verdict.needs_second_role)
    return (
      <Alert
        type="warning"
        showIcon
        title="需要第二人批准"
        description={
          <>
            <Whys texts={verdict.why} />
            <p>下一步：由安全管理员看过差异后批准，再由管理员启用。</p>
          </>
        }
      />
    )
  return <Alert type="success" showIcon title="试运行没有发现放宽，管理员一人即可启用" />
}
