/** Resets of the policies while the centre stood still: one person did it, and two others must have seen it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Empty } from 'antd'
import { api, call, setCsrf } from '../api/client'
import { policyResetsQuery, sessionQuery } from '../api/queries'
import type { PolicyReset } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const wider = (reset: PolicyReset) => (reset.wider === null || reset.wider === undefined ? '无法判断是否有岗位权限变大，请逐条核对' : reset.wider ? '有岗位权限变大' : '没有岗位权限变大')

export function ResetFacts({ reset }: { reset: PolicyReset }) {
  const seen = (by: string | null | undefined, at: string | null | undefined) => (by ? `${by}，${dateTime(at)}` : '尚未确认')
  return (
    <div className="stack">
      <dl className="record-facts">
        <div>
          <dt>办理</dt>
          <dd>
            {reset.by}，{dateTime(reset.at)}
          </dd>
        </div>
        <div>
          <dt>策略集</dt>
          <dd className="code">
            {reset.was} → {reset.digest}
          </dd>
        </div>
        <div>
          <dt>影响</dt>
          <dd className={reset.wider === false ? undefined : 'must-read'}>{wider(reset)}</dd>
        </div>
        <div>
          <dt>安全管理员确认</dt>
          <dd>{seen(reset.security_by, reset.security_at)}</dd>
        </div>
        <div>
          <dt>审计员确认</dt>
          <dd>{seen(reset.auditor_by, reset.auditor_at)}</dd>
        </div>
      </dl>
      <p className="plain-text break">理由：{reset.reason}</p>
      <details>
        <summary>原来那一套为什么不能通过检查（{reset.problems.length} 处）</summary>
        <ul className="problem-list">
          {reset.problems.map((problem) => (
            <li key={`${problem.at}${problem.found}`}>
              <code>{problem.at}</code> {problem.found}
              <div className="dim">应为：{problem.expected}</div>
            </li>
          ))}
        </ul>
      </details>
    </div>
  )
}

export function Resets({ resets }: { resets: PolicyReset[] }) {
  if (resets.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有在停机时重置过" />
  return (
    <div className="requests">
      {resets.map((reset) => (
        <div key={reset.number} className="request">
          <ResetFacts reset={reset} />
        </div>
      ))}
    </div>
  )
}

/** Before anything else: what was reset is shown, and the person says that they have seen it. */
export function ResetsToSee() {
  const queryClient = useQueryClient()
  const waiting = useQuery(policyResetsQuery)
  const see = useMutation({
    mutationFn: (number: number) => call(api.POST('/api/v1/session/policy-resets/{number}/seen', { params: { path: { number } } })),
    onSuccess: async (session) => {
      setCsrf(session.csrf)
      queryClient.setQueryData(sessionQuery.queryKey, session)
      await queryClient.invalidateQueries({ queryKey: ['policy-resets'] })
    },
  })
  return (
    <Loaded query={waiting}>
      {(resets) => (
        <>
          {resets.map((reset) => (
            <Panel key={reset.number} title="访问策略在停机时被一人重置">
              <div className="stack">
                <Alert type="warning" showIcon title="现行的一套没有通过检查，中心不能启动，因此由一人退回了另一套" description="请核对经办人、理由和影响。确认只表示已经看过，会记入日志；不同意的，登录后可在“访问策略”中提出改回。" />
                <ResetFacts reset={reset} />
                {see.error && <ProblemNote error={see.error} />}
                <div>
                  <Button type="primary" loading={see.isPending} onClick={() => see.mutate(reset.number)}>
                    已经看过
                  </Button>
                </div>
              </div>
            </Panel>
          ))}
        </>
      )}
    </Loaded>
  )
}
