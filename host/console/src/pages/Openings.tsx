/** Openings of protected records: one's own, and those that a named approver answers. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { App, Button, Empty, Input, InputNumber, Modal, Space, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { openingsQuery, sessionQuery } from '../api/queries'
import type { Opening } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const STATES: Record<string, [string, string]> = {
  stated: ['待批准', 'tag-stage'],
  approved: ['已开放', 'tag-good'],
  refused: ['未批准', 'tag-bad'],
  withdrawn: ['已收回', 'tag-quiet'],
  ended: ['已到期', 'tag-quiet'],
}

function State({ opening }: { opening: Opening }) {
  const [title, tone] = STATES[opening.state] ?? [opening.state, 'tag-quiet']
  const until = opening.state === 'approved' || opening.state === 'stated' ? `至 ${dateTime(opening.until)}` : ''
  return (
    <>
      <span className={`tag ${tone}`}>{title}</span> <span className="dim">{until}</span>
      {opening.answer && <div className="dim">{opening.answer}</div>}
    </>
  )
}

const WHAT: TableColumnsType<Opening> = [
  {
    title: '案件',
    key: 'case',
    width: 210,
    render: (_, opening) => (
      <>
        <Link to="/cases/$id" params={{ id: opening.case }} className="code">
          {opening.case_code ?? '（不在可见范围）'}
        </Link>
        <div className="dim">
          {opening.matter_title}
          {opening.of_party ? ' · 其中一名当事人' : ''}
        </div>
      </>
    ),
  },
  { title: '目的和依据', key: 'ground', width: 230, render: (_, { purpose_title: purpose, ground }) => `${purpose}（${ground}）` },
  { title: '理由', dataIndex: 'reason', render: (reason: string) => <span className="plain-text break">{reason}</span> },
  { title: '时长', dataIndex: 'minutes', width: 90, render: (minutes: number) => `${minutes} 分钟` },
  { title: '情况', key: 'state', width: 190, render: (_, opening) => <State opening={opening} /> },
]

type Step = { opening: Opening; kind: 'approve' | 'refuse' }

function Answer({ step, onClose }: { step: Step; onClose: () => void }) {
  const { opening, kind } = step
  const [minutes, setMinutes] = useState<number | null>(opening.minutes)
  const [reason, setReason] = useState('')
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const answer = useMutation({
    mutationFn: () => {
      const params = { path: { id: opening.id } }
      return kind === 'approve' ? call(api.POST('/api/v1/openings/{id}/approve', { params, body: { minutes } })) : call(api.POST('/api/v1/openings/{id}/refuse', { params, body: { reason: reason.trim() } }))
    },
    onSuccess: async () => {
      void message.success(kind === 'approve' ? '已批准' : '未批准，理由已告知申请人')
      onClose()
      await queryClient.invalidateQueries({ queryKey: ['openings'] })
    },
  })
  const ready = kind === 'approve' ? minutes !== null : reason.trim() !== ''
  return (
    <Modal open title={kind === 'approve' ? '批准查阅' : '不批准'} okText={kind === 'approve' ? '批准' : '不批准'} cancelText="取消" onCancel={onClose} onOk={() => answer.mutate()} okButtonProps={{ disabled: !ready, loading: answer.isPending, danger: kind === 'refuse' }} destroyOnHidden>
      <div className="stack">
        <p>
          {opening.unit_name} {opening.person_name} 申请查阅案件 <span className="code">{opening.case_code}</span>：{opening.reason}
        </p>
        {kind === 'approve' ? (
          <label className="field">
            <span className="field-label">开放时长（分钟）</span>
            <InputNumber autoFocus className="full" min={1} value={minutes} onChange={setMinutes} onPressEnter={() => ready && !answer.isPending && answer.mutate()} />
          </label>
        ) : (
          <label className="field">
            <span className="field-label">
              理由<span className="must">*</span>
            </span>
            <Input.TextArea autoFocus maxLength={500} autoSize={{ minRows: 3, maxRows: 8 }} value={reason} placeholder="会告知申请人" onChange={(event) => setReason(event.target.value)} />
          </label>
        )}
        {answer.error && <ProblemNote error={answer.error} />}
      </div>
    </Modal>
  )
}

function ToApprove() {
  const openings = useQuery(openingsQuery(true))
  const [step, setStep] = useState<Step | null>(null)
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const withdraw = useMutation({
    mutationFn: (id: string) => call(api.POST('/api/v1/openings/{id}/withdraw', { params: { path: { id } } })),
    onSuccess: async () => {
      void message.success('已收回，立即生效')
      await queryClient.invalidateQueries({ queryKey: ['openings'] })
    },
  })
  const columns: TableColumnsType<Opening> = [
    {
      title: '申请人',
      key: 'person',
      width: 170,
      render: (_, opening) => (
        <>
          {opening.person_name}
          <div className="dim">{opening.unit_name}</div>
          <div className="dim">{dateTime(opening.asked_at)}</div>
        </>
      ),
    },
    ...WHAT,
    {
      title: '',
      key: 'steps',
      width: 150,
      render: (_, opening) =>
        opening.state === 'stated' ? (
          <Space>
            <Button type="primary" size="small" onClick={() => setStep({ opening, kind: 'approve' })}>
              批准
            </Button>
            <Button size="small" onClick={() => setStep({ opening, kind: 'refuse' })}>
              不批准
            </Button>
          </Space>
        ) : opening.state === 'approved' ? (
          <Button danger size="small" loading={withdraw.isPending && withdraw.variables === opening.id} onClick={() => withdraw.mutate(opening.id)}>
            立即收回
          </Button>
        ) : null,
    },
  ]
  return (
    <Panel title="待我批准" flush>
      {withdraw.error && <ProblemNote error={withdraw.error} />}
      <Loaded query={openings}>
        {(list) => <Table<Opening> size="small" rowKey="id" columns={columns} dataSource={list} pagination={false} scroll={{ x: 1100 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有等待批准的查阅申请" /> }} />}
      </Loaded>
      {step && <Answer key={`${step.opening.id}${step.kind}`} step={step} onClose={() => setStep(null)} />}
    </Panel>
  )
}

function Own() {
  const openings = useQuery(openingsQuery(false))
  return (
    <Panel title="我的申请" flush>
      <Loaded query={openings}>
        {(list) => <Table<Opening> size="small" rowKey="id" columns={WHAT} dataSource={list} pagination={false} scroll={{ x: 900 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有申请；在受保护的案件或人员页面说明查阅依据" /> }} />}
      </Loaded>
    </Panel>
  )
}

export function Openings() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  return (
    <div className="page">
      <h1 className="page-title">
        查阅审批<span className="page-sub">受保护信息逐次批准、限时开放，每次查阅留痕</span>
      </h1>
      {session.roles.includes('access-approver') && <ToApprove />}
      <Own />
    </div>
  )
}
