/** 紧急访问: taken at once, ends by itself, reviewed by a named official. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, App, Button, Empty, Form, Input, InputNumber, Radio, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { emergenciesQuery, emergencyQuery, refreshRecords, sessionQuery } from '../api/queries'
import type { BeginEmergency, EmergencyState, EmergencyView } from '../api/types'
import { worksOnRecords } from '../shell/places'
import { confirmed } from '../shell/StepUp'
import { CasePicker } from '../ui/CasePicker'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/emergency')

/** After it began or ended, everything that is shown may be shown otherwise. */
export function useEmergencyRefresh() {
  const queryClient = useQueryClient()
  return async () => {
    await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })
    await refreshRecords(queryClient)
  }
}

function Begin({ state }: { state: EmergencyState }) {
  const { message } = App.useApp()
  const chosen = route.useSearch()
  const refresh = useEmergencyRefresh()
  const begin = useMutation({
    mutationFn: (body: BeginEmergency) => confirmed(() => call(api.POST('/api/v1/emergency', { body }))),
    onSuccess: async () => {
      void message.warning('紧急访问已经开始，审批人和审计员已收到提醒')
      await refresh()
    },
  })
  return (
    <div className="stack">
      <p className="dim">
        立即生效，到时自动结束；不能查看封存的记录和举报人信息，不能导出。审批人、安全审计员和牵头单位同时收到提醒，{state.review_hours} 小时内复核；逾期没有复核的，不能再次使用。时长、条数和复核期限是本地政策。
      </p>
      {state.unreviewed > 0 && <p>您有 {state.unreviewed} 次紧急访问还没有复核。</p>}
      {state.why_not && <Alert type="error" showIcon title={state.why_not} />}
      {begin.error && <ProblemNote error={begin.error} />}
      <Form<BeginEmergency> layout="vertical" requiredMark={false} className="narrow" disabled={begin.isPending || state.why_not !== null} initialValues={{ case: chosen.case, minutes: Math.min(30, state.minutes) }} onFinish={(given) => begin.mutate(given)}>
        <Form.Item name="case" label="为办理哪一案件" extra="从案件页进入时已选好" rules={[{ required: true, message: '请选择案件' }]}>
          <CasePicker />
        </Form.Item>
        <Form.Item name="reason" label="事由" rules={[{ required: true, message: '请选择事由' }]}>
          <Select options={state.reasons.map(({ code, title }) => ({ value: code, label: title }))} />
        </Form.Item>
        <Form.Item name="words" label="说明" rules={[{ required: true, whitespace: true, max: 500, message: '1 至 500 个字' }]}>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} />
        </Form.Item>
        <Form.Item name="minutes" label={`时长（分钟，至多 ${state.minutes}）`} rules={[{ required: true }]}>
          <InputNumber min={1} max={state.minutes} />
        </Form.Item>
        <Button danger type="primary" htmlType="submit" loading={begin.isPending}>
          开始紧急访问
        </Button>
      </Form>
    </div>
  )
}

function Own() {
  const state = useQuery(emergencyQuery)
  return (
    <Panel title="使用紧急访问">
      <Loaded query={state}>
        {(data) =>
          data.current ? (
            <Alert
              type="error"
              showIcon
              title={`紧急访问正在进行，${dateTime(data.current.until)} 自动结束`}
              description={`已查看 ${data.current.used} 条，至多 ${data.current.most} 条。事由：${data.current.reason}。办完请在页面上方“立即结束”。`}
              action={
                <Link to="/cases/$id" params={{ id: data.current.case }}>
                  去案件
                </Link>
              }
            />
          ) : (
            <Begin state={data} />
          )
        }
      </Loaded>
    </Panel>
  )
}

function Review({ access, onClose }: { access: EmergencyView; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [justified, setJustified] = useState<boolean | null>(null)
  const [answer, setAnswer] = useState('')
  return (
    <Confirm
      title="复核紧急访问"
      okText="提交复核"
      said="已复核，使用人已收到提醒"
      whyNot={justified === null ? '请选择是否正当' : answer.trim() === '' ? '请填写复核意见' : null}
      onDo={() => call(api.POST('/api/v1/emergencies/{id}/review', { params: { path: { id: access.id } }, body: { justified: justified ?? false, answer } }))}
      onDone={() => queryClient.invalidateQueries({ queryKey: ['emergencies'] })}
      onClose={onClose}
    >
      <p>
        {access.person}（{access.unit_name}）{dateTime(access.begun_at)} 起，事由“{access.reason}”：{access.words}。查看了 {access.used} 条记录。
      </p>
      <Radio.Group aria-label="是否正当" value={justified} onChange={(event) => setJustified(event.target.value as boolean)} options={[{ value: true, label: '正当' }, { value: false, label: '不正当' }]} />
      <Input.TextArea aria-label="复核意见" placeholder="复核意见" value={answer} maxLength={500} onChange={(event) => setAnswer(event.target.value)} />
    </Confirm>
  )
}

function Outcome({ access }: { access: EmergencyView }) {
  if (access.justified === true) return <span className="tag tag-good">正当</span>
  if (access.justified === false) return <span className="tag tag-bad">不正当</span>
  return <span className={`tag ${access.overdue ? 'tag-bad' : 'tag-policy'}`}>{access.overdue ? '逾期未复核' : `待复核，${dateTime(access.review_by)} 前`}</span>
}

function Reviews() {
  const list = useQuery(emergenciesQuery)
  const { data: session } = useSuspenseQuery(sessionQuery)
  const reads = worksOnRecords(session)
  const [reviewing, setReviewing] = useState<EmergencyView | null>(null)
  const columns: TableColumnsType<EmergencyView> = [
    { title: '使用人', key: 'who', render: (_, one) => `${one.person}（${one.unit_name}）` },
    { title: '开始', dataIndex: 'begun_at', width: 150, render: (at: string) => dateTime(at) },
    { title: '结束', key: 'end', width: 150, render: (_, one) => (one.ended_at ? dateTime(one.ended_at) : '进行中') },
    {
      title: '案件',
      dataIndex: 'case',
      width: 110,
      // To those who work on no records a link would only be refused; the id is what a dossier is asked for by.
      render: (id: string) =>
        reads ? (
          <Link to="/cases/$id" params={{ id }}>
            查看
          </Link>
        ) : (
          <span className="code break">{id}</span>
        ),
    },
    { title: '事由和说明', key: 'why', render: (_, one) => <span className="break">{`${one.reason}：${one.words}`}</span> },
    { title: '查看条数', dataIndex: 'used', width: 90 },
    {
      title: '复核',
      key: 'review',
      width: 220,
      render: (_, one) => (
        <>
          <Outcome access={one} /> {one.reviewed_by}
          {one.answer && <div className="dim break">{one.answer}</div>}
          {one.mine && (
            <Button size="small" type="primary" onClick={() => setReviewing(one)}>
              复核
            </Button>
          )}
        </>
      ),
    },
  ]
  return (
    <Panel title="紧急访问记录" flush>
      <Loaded query={list}>
        {(data) => <Table<EmergencyView> size="small" rowKey="id" columns={columns} dataSource={data} pagination={{ pageSize: 20, hideOnSinglePage: true }} scroll={{ x: 1050 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有紧急访问" /> }} />}
      </Loaded>
      {reviewing && <Review access={reviewing} onClose={() => setReviewing(null)} />}
    </Panel>
  )
}

const USE = ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler']
const SEE = ['access-approver', 'auditor']

export function Emergency() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const holds = (roles: string[]) => roles.some((role) => session.roles.includes(role))
  return (
    <div className="page">
      <h1 className="page-title">紧急访问</h1>
      {holds(USE) && <Own />}
      {holds(SEE) && <Reviews />}
    </div>
  )
}
