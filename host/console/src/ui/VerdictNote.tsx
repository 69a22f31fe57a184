/** What the trials of a version say about activating it: not at all, not by one person alone, or as it is. */
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Alert, Button } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, sessionQuery } from '../api/queries'
import type { Verdict } from '../api/types'
import { Confirm } from './Confirm'
import { whyNotYours } from './words'

function Whys({ texts }: { texts: string[] }) {
  return (
    <ul className="problem-list">
      {texts.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  )
}

/** What the second role agrees to: exactly these reasons. Another trial that shows more asks anew. */
function Agree({ pack, version, verdict }: VerdictNoteProps) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const queryClient = useQueryClient()
  const [asked, setAsked] = useState(false)
  const whyNot = whyNotYours(session.roles, ['security'])
  return (
    <>
      <Button disabled={whyNot !== null} onClick={() => setAsked(true)}>
        同意放宽
      </Button>
      {whyNot && <p className="offer-why">{whyNot}</p>}
      {asked && (
        <Confirm
          title={`同意启用 ${pack} ${version}，尽管它放宽`}
          okText="同意"
          said="已同意"
          onDo={() => call(api.POST('/api/v1/trials/agreements', { body: { pack, version } }))}
          onDone={() => refreshRecords(queryClient)}
          onClose={() => setAsked(false)}
        >
          <p>您以安全管理员署名同意下列各项；之后的试运行若显示更多放宽，须重新同意。</p>
          <Whys texts={verdict.why} />
        </Confirm>
      )}
    </>
  )
}

interface VerdictNoteProps {
  pack: string
  version: string
  verdict: Verdict
}

export function VerdictNote({ pack, version, verdict }: VerdictNoteProps) {
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
  if (verdict.needs_second_role && verdict.agreed) return <Alert type="success" showIcon title="安全管理员已同意放宽，管理员可以启用" description={<Whys texts={verdict.why} />} />
  if (verdict.needs_second_role)
    return (
      <Alert
        type="warning"
        showIcon
        title="需要第二人批准"
        description={
          <>
            <Whys texts={verdict.why} />
            <p>下一步：由安全管理员看过差异后同意，再由管理员启用。</p>
          </>
        }
        action={<Agree pack={pack} version={version} verdict={verdict} />}
      />
    )
  return <Alert type="success" showIcon title="试运行没有发现放宽，管理员一人即可启用" />
}
