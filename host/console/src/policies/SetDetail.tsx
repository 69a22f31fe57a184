/** One set: who, why, what it would change; and the second person's word on it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { policySetQuery } from '../api/queries'
import type { Policies, PolicyDetail, PolicySet } from '../api/types'
import { confirmed } from '../shell/StepUp'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'
import { Files } from './Files'
import { Report } from './Report'
import { stateOf } from './words'

function Answer({ set, agree, onClose }: { set: PolicySet; agree: boolean; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  const path = { params: { path: { id: set.id } } }
  const onDo = () => confirmed(() => (agree ? call(api.POST('/api/v1/policies/{id}/approve', path)) : call(api.POST('/api/v1/policies/{id}/refuse', { ...path, body: { reason: reason.trim() } }))))
  const onDone = async () => {
    await Promise.all([queryClient.invalidateQueries({ queryKey: ['policies'] }), queryClient.invalidateQueries({ queryKey: ['audit-status'] })])
  }
  return (
    <Confirm title={agree ? '批准并立即生效' : '不批准'} okText={agree ? '批准' : '不批准'} said={agree ? '已生效' : '没有批准，现行策略不变'} danger={agree} whyNot={!agree && reason.trim() === '' ? '请写明理由' : null} onDo={onDo} onDone={onDone} onClose={onClose}>
      {agree ? (
        <p>
          策略集 <span className="code">{set.digest}</span> 将立即对所有人生效，包括已经登录的人；现行的一套留在历史中，可以再恢复。审计员会收到提醒。
        </p>
      ) : (
        <label className="field">
          <span className="field-label">
            理由<span className="must">*</span>
          </span>
          <Input.TextArea autoFocus autoSize={{ minRows: 2, maxRows: 5 }} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
        </label>
      )}
    </Confirm>
  )
}

/** Why this person cannot answer; none where they can. */
function whyNoAnswer(set: PolicySet, approves: boolean): string | null {
  if (!approves) return '由另一名安全管理员或审计员批准'
  return set.own ? '这是您本人提出的，由另一个人批准' : null
}

export function SetFacts({ set }: { set: PolicySet }) {
  const [word, tone] = stateOf(set)
  return (
    <>
      <dl className="record-facts">
        <div>
          <dt>情况</dt>
          <dd>
            <span className={`tag ${tone}`}>{word}</span>
          </dd>
        </div>
        <div>
          <dt>摘要</dt>
          <dd className="code">{set.digest}</dd>
        </div>
        <div>
          <dt>{set.reset ? '办理' : '提出'}</dt>
          <dd>
            {set.proposed_by}，{dateTime(set.proposed_at)}
          </dd>
        </div>
        {set.decided_by && (
          <div>
            <dt>{set.state === 'refused' ? '不批准' : '批准'}</dt>
            <dd>
              {set.decided_by}，{dateTime(set.decided_at)}
            </dd>
          </div>
        )}
        {set.follows && (
          <div>
            <dt>来源</dt>
            <dd>随程序发布，升级时随之更新</dd>
          </div>
        )}
      </dl>
      <p className="plain-text break">理由：{set.reason}</p>
      {set.answer && <p className="plain-text break">答复：{set.answer}</p>}
    </>
  )
}

function Shown({ detail, policies, onBack }: { detail: PolicyDetail; policies: Policies; onBack: (set: PolicySet) => void }) {
  const [agree, setAgree] = useState<boolean | null>(null)
  const { set } = detail
  const waits = set.state === 'proposed'
  const whyNot = waits ? whyNoAnswer(set, policies.approves) : null
  const failed = detail.report.problems.length > 0
  return (
    <>
      <Panel
        title={waits ? '待批准的策略' : '策略集'}
        extra={
          waits ? (
            <span className="side-by-side">
              {whyNot && <span className="dim">{whyNot}</span>}
              <Button size="small" disabled={whyNot !== null} onClick={() => setAgree(false)}>
                不批准
              </Button>
              <Button size="small" type="primary" disabled={whyNot !== null || failed} onClick={() => setAgree(true)}>
                批准
              </Button>
            </span>
          ) : (
            policies.proposes &&
            set.state === 'replaced' && (
              <Button size="small" disabled={failed} onClick={() => onBack(set)}>
                恢复这一套
              </Button>
            )
          )
        }
      >
        <SetFacts set={set} />
      </Panel>
      {set.state !== 'in_force' && (
        <Panel title={waits ? '批准后会怎样' : '如果恢复它'}>
          <Report report={detail.report} />
        </Panel>
      )}
      <Panel title="文件">
        <Files files={detail.files} />
      </Panel>
      {agree !== null && <Answer set={set} agree={agree} onClose={() => setAgree(null)} />}
    </>
  )
}

export function SetDetail({ id, policies, onBack }: { id: string; policies: Policies; onBack: (set: PolicySet) => void }) {
  const detail = useQuery(policySetQuery(id))
  return (
    <>
      <p>
        <Link to="/policies">← 全部策略</Link>
      </p>
      <Loaded query={detail} rows={8}>
        {(data) => <Shown detail={data} policies={policies} onBack={onBack} />}
      </Loaded>
    </>
  )
}
