/** Telling a person later: asked by whoever works on a matter, decided by a named approver, ended by itself. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { App, Button, Empty, Input, InputNumber, Select, Table } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { caseQuery, deferralsQuery, sessionQuery } from '../api/queries'
import type { Deferral } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/deferrals')

/** A matter, for whoever may open it. */
function Matter({ id }: { id: string }) {
  return (
    <Link to="/cases/$id" params={{ id }} className="code break">
      {id}
    </Link>
  )
}

function Ask({ matter }: { matter: string }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const found = useQuery(caseQuery(matter))
  const [subject, setSubject] = useState<string>()
  const [ground, setGround] = useState('个人信息保护法 第35条')
  const [reason, setReason] = useState('')
  const [days, setDays] = useState<number | null>(30)
  const ask = useMutation({
    mutationFn: () => call(api.POST('/api/v1/deferrals', { body: { matter, subject: subject ?? '', ground: ground.trim(), reason: reason.trim(), days: days ?? 0 } })),
    onSuccess: async () => {
      await Promise.all([queryClient.invalidateQueries({ queryKey: ['deferrals'] }), queryClient.invalidateQueries({ queryKey: caseQuery(matter).queryKey })])
      setReason('')
      void message.success('已提交，批准之前仍照常告知')
    },
  })
  return (
    <Panel title="申请延后告知">
      <Loaded query={found}>
        {(data) => (
          <div className="stack form-narrow">
            <p>
              事项：
              <Link to="/cases/$id" params={{ id: matter }}>
                {data.title}
              </Link>
            </p>
            <div className="field">
              <span className="field-label" id="deferred-party">
                当事人
              </span>
              <Select aria-labelledby="deferred-party" className="full" placeholder="选择当事人" value={subject} onChange={setSubject} options={data.parties.filter(({ kind }) => kind === 'person').map(({ entity, name, role }) => ({ value: entity, label: `${name}（${role}）` }))} />
            </div>
            <label className="field">
              <span className="field-label">法律依据</span>
              <Input value={ground} onChange={(event) => setGround(event.target.value)} />
            </label>
            <label className="field">
              <span className="field-label">告知为何会妨碍履行法定职责（只供批准人和审计员查看）</span>
              <Input.TextArea rows={3} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />
            </label>
            <label className="field">
              <span className="field-label">延后多少天（合计上限为本地政策）</span>
              <InputNumber className="full" min={1} max={3660} value={days} onChange={setDays} />
            </label>
            {ask.error && <ProblemNote error={ask.error} />}
            <div>
              <Button type="primary" disabled={!subject || !ground.trim() || !reason.trim() || !days} loading={ask.isPending} onClick={() => ask.mutate()}>
                提交
              </Button>
            </div>
          </div>
        )}
      </Loaded>
    </Panel>
  )
}

type Doing = { deferral: Deferral; what: 'approve' | 'refuse' | 'end' }

function Decide({ doing: { deferral, what }, onClose }: { doing: Doing; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [answer, setAnswer] = useState('')
  const path = { path: { id: deferral.id } }
  const titles = { approve: '批准', refuse: '不同意', end: '提前结束' }
  return (
    <Confirm
      title={`${titles[what]}延后告知`}
      okText={titles[what]}
      said="已办理"
      danger={what === 'refuse'}
      whyNot={what !== 'end' && !answer.trim() ? '请写明理由' : null}
      onDo={() => (what === 'end' ? call(api.POST('/api/v1/deferrals/{id}/end', { params: path })) : call(api.POST('/api/v1/deferrals/{id}/decide', { params: path, body: { approve: what === 'approve', answer: answer.trim() } })))}
      onDone={() => queryClient.invalidateQueries({ queryKey: ['deferrals'] })}
      onClose={onClose}
    >
      <p>
        {what === 'end' ? '本人立即可以查到这一事项的查看记录。' : `依据：${deferral.ground}；理由：${deferral.reason}；${deferral.days} 天。批准后，本人在此期间查不到这一事项的查看记录；期满自动公开，并注明曾延后告知和依据。`}
      </p>
      {what !== 'end' && (
        <label className="field">
          <span className="field-label">理由</span>
          <Input.TextArea autoFocus rows={3} maxLength={4000} value={answer} onChange={(event) => setAnswer(event.target.value)} />
        </label>
      )}
    </Confirm>
  )
}

export function Deferrals() {
  const { matter } = route.useSearch()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const deferrals = useQuery(deferralsQuery)
  const [doing, setDoing] = useState<Doing | null>(null)
  const decides = session.roles.includes('access-approver')
  return (
    <div className="page">
      <h1 className="page-title">延后告知</h1>
      {matter ? <Ask matter={matter} /> : <p className="dim">本人有权知道谁看过自己的数据。告知会妨碍履行法定职责的，可以对一个事项延后告知（个人信息保护法 第18条、第35条），须由本单位另一名批准人同意，期满自动公开。申请从案件页右侧的“延后告知”进入。</p>}
      <Panel title="申请和决定" flush>
        <Loaded query={deferrals}>
          {(list) => (
            <Table<Deferral>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={list}
              scroll={{ x: 1000 }}
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有延后告知" /> }}
              columns={[
                { title: '事项', dataIndex: 'matter', width: 150, render: (id: string) => <Matter id={id} /> },
                { title: '单位', dataIndex: 'unit', width: 170 },
                {
                  title: '依据和理由',
                  key: 'why',
                  render: (_, one) => (
                    <>
                      {one.ground}
                      <div className="dim">{one.reason}</div>
                      {one.answer && <div className="dim">答复：{one.answer}</div>}
                    </>
                  ),
                },
                { title: '天数', dataIndex: 'days', width: 64 },
                { title: '申请', dataIndex: 'asked_at', width: 142, render: (at: string) => dateTime(at) },
                {
                  title: '情况',
                  key: 'state',
                  width: 150,
                  render: (_, one) => (
                    <>
                      {one.state_title}
                      {one.until && <div className="dim">至 {dateTime(one.until)}</div>}
                    </>
                  ),
                },
                {
                  title: '',
                  key: 'act',
                  width: 160,
                  render: (_, deferral) =>
                    decides && deferral.state === 'asked' ? (
                      <>
                        <Button size="small" type="primary" onClick={() => setDoing({ deferral, what: 'approve' })}>
                          批准
                        </Button>{' '}
                        <Button size="small" danger onClick={() => setDoing({ deferral, what: 'refuse' })}>
                          不同意
                        </Button>
                      </>
                    ) : decides && deferral.state === 'approved' ? (
                      <Button size="small" onClick={() => setDoing({ deferral, what: 'end' })}>
                        提前结束
                      </Button>
                    ) : null,
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {doing && <Decide doing={doing} onClose={() => setDoing(null)} />}
    </div>
  )
}
