/** What stands over a protected record: that it is protected and by which rule, how to ask, that one waits, or how long it is open. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, App, Button, Input, InputNumber, Modal, Select } from 'antd'
import { useEffect, useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords } from '../api/queries'
import type { Access } from '../api/types'
import { ProblemNote } from './Problem'
import { dateTime } from './time'

/** Whole minutes until an instant, at least one while it lasts. */
export function minutesLeft(until: string, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(until) - now) / 60_000))
}

function useNow(every: number): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

function Ask({ record, access, onClose }: { record: string; access: Access; onClose: () => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [purpose, setPurpose] = useState(access.purposes[0]?.code ?? '')
  const [serves, setServes] = useState(access.cases[0]?.id ?? '')
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState<number | null>(access.usual_minutes)
  const ask = useMutation({
    mutationFn: () => call(api.POST('/api/v1/openings', { body: { record, case: serves, purpose, reason: reason.trim(), minutes } })),
    onSuccess: async () => {
      void message.success('已说明依据，等待批准')
      onClose()
      await refreshRecords(queryClient)
    },
  })
  const ready = purpose !== '' && serves !== '' && reason.trim() !== ''
  return (
    <Modal open title="说明查阅依据" okText="提交" cancelText="取消" onCancel={onClose} onOk={() => ask.mutate()} okButtonProps={{ disabled: !ready, loading: ask.isPending }} destroyOnHidden>
      <div className="stack">
        <p className="dim">{access.basis}。提交后以遮盖形式显示；经本案承办、联办单位或中心的批准人批准后，在批准的时间内完整显示。每次查阅均留痕。</p>
        <label className="field">
          <span className="field-label">
            目的和法定依据<span className="must">*</span>
          </span>
          <Select className="full" value={purpose} onChange={setPurpose} options={access.purposes.map(({ code, title, ground }) => ({ value: code, label: `${title}（${ground}）` }))} />
        </label>
        <label className="field">
          <span className="field-label">
            所办案件<span className="must">*</span>
          </span>
          <Select className="full" value={serves} disabled={access.cases.length < 2} onChange={setServes} options={access.cases.map(({ id, code }) => ({ value: id, label: code }))} />
        </label>
        <label className="field">
          <span className="field-label">
            理由<span className="must">*</span>
          </span>
          <Input.TextArea autoFocus maxLength={500} autoSize={{ minRows: 3, maxRows: 8 }} value={reason} placeholder="为办理什么、需要查阅什么" onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && ready && !ask.isPending && ask.mutate()} />
        </label>
        <label className="field">
          <span className="field-label">申请时长（分钟，本地政策：不超过 {access.most_minutes}）</span>
          <InputNumber className="full" min={1} max={access.most_minutes} value={minutes} onChange={setMinutes} />
        </label>
        {ask.error && <ProblemNote error={ask.error} />}
      </div>
    </Modal>
  )
}

/** The bar over a protected record. Nothing where the record is not protected. */
export function Protected({ record, access }: { record: string; access: Access | null | undefined }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [asking, setAsking] = useState(false)
  const now = useNow(15_000)
  const end = useMutation({
    mutationFn: (id: string) => call(api.POST('/api/v1/openings/{id}/withdraw', { params: { path: { id } } })),
    onSuccess: async () => {
      void message.success('已结束查阅')
      await refreshRecords(queryClient)
    },
  })
  const until = access?.opening?.until
  const left = until ? minutesLeft(until, now) : 0
  const over = access?.state === 'open' && until !== undefined && left === 0
  useEffect(() => {
    if (over) void refreshRecords(queryClient)
  }, [over, queryClient])
  if (!access) return null
  const opening = access.opening
  const failed = end.error && <ProblemNote error={end.error} />
  if (access.state === 'open') {
    const ending = opening && (
      <Button danger size="small" loading={end.isPending} onClick={() => end.mutate(opening.id)}>
        立即结束查阅
      </Button>
    )
    return (
      <div className="stack">
        <Alert type={left <= 5 ? 'error' : 'warning'} showIcon role="status" title={opening ? `受保护信息已对您开放，剩余 ${left} 分钟（至 ${dateTime(opening.until)}）` : '受保护信息正以紧急访问显示'} description={`${access.basis}。只为所办案件使用，不得摘录、转发；到时自动关闭。`} action={ending} />
        {failed}
      </div>
    )
  }
  if (access.state === 'stated') {
    const withdraw = opening && (
      <Button size="small" loading={end.isPending} onClick={() => end.mutate(opening.id)}>
        撤回申请
      </Button>
    )
    return (
      <div className="stack">
        <Alert type="info" showIcon role="status" title="已说明查阅依据，等待批准；现以遮盖形式显示" description={`${access.basis}。本案承办、联办单位或中心的批准人可以批准。${opening ? `无人答复则于 ${dateTime(opening.until)} 失效。` : ''}`} action={withdraw} />
        {failed}
      </div>
    )
  }
  const ask = (
    <div className="side-by-side">
      <Link to="/emergency" search={{ case: access.cases[0]?.id }}>
        紧急访问
      </Link>
      <Button type="primary" size="small" onClick={() => setAsking(true)}>
        说明查阅依据
      </Button>
    </div>
  )
  const why = {
    hidden: `须说明查阅依据并经逐次批准（${access.basis}）。登记、记录办理情况不需要查阅。`,
    closed: `没有在办案件涉及此记录，不能申请查阅（${access.basis}）。`,
    barred: `本岗位不能申请查阅（${access.basis}）；由具有相应权限的经办人员办理。`,
  }[access.state]
  const refused = opening?.state === 'refused' ? `上次申请未获批准：${opening.answer ?? ''}。` : ''
  return (
    <>
      <Alert type="warning" showIcon title="受保护：部分内容不显示" description={`${refused}${why ?? access.basis}`} action={access.state === 'hidden' ? ask : undefined} />
      {asking && <Ask record={record} access={access} onClose={() => setAsking(false)} />}
    </>
  )
}
