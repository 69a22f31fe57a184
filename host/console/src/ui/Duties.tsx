/** 职责: who must do what under which article, by when; and that it was done, with what shows it. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords } from '../api/queries'
import type { Duty } from '../api/types'
import { LightTag } from './Light'
import { RecordLink } from './RecordLink'
import { ProblemNote } from './Problem'
import { BasisMark } from './Tags'
import { dateTime } from './time'

function CompleteDialog({ duty, onClose }: { duty: Duty; onClose: () => void }) {
  const [evidence, setEvidence] = useState('')
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const complete = useMutation({
    mutationFn: () => call(api.POST('/api/v1/duties/{id}/complete', { params: { path: { id: duty.id } }, body: { evidence: evidence.trim(), version: duty.version } })),
    onSuccess: async () => {
      void message.success('已记为履行')
      onClose()
      await refreshRecords(queryClient)
    },
  })
  const send = () => evidence.trim() && !complete.isPending && complete.mutate()
  return (
    <Modal open title={`履行：${duty.title}`} okText="确认已履行" cancelText="取消" onCancel={onClose} onOk={send} okButtonProps={{ disabled: !evidence.trim(), loading: complete.isPending }} destroyOnHidden>
      <div className="stack">
        <BasisMark basis={duty.basis} />
        <label className="field">
          <span className="field-label">
            履行情况和凭据<span className="must">*</span>
          </span>
          <Input.TextArea autoFocus autoSize={{ minRows: 3, maxRows: 8 }} value={evidence} placeholder="何时、何人、做了什么，凭据留存在哪里" onChange={(event) => setEvidence(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && send()} />
        </label>
        {complete.error && <ProblemNote error={complete.error} />}
      </div>
    </Modal>
  )
}

interface DutiesProps {
  duties: Duty[]
  none?: string
  /** Whether to lead to the record that a duty serves. */
  linked?: boolean
}

export function Duties({ duties, none = '没有您能看到的职责', linked = false }: DutiesProps) {
  const [completing, setCompleting] = useState<Duty | null>(null)
  if (duties.length === 0) return <p className="dim">{none}</p>
  return (
    <>
      <ul className="duties">
        {duties.map((duty) => (
          <li key={duty.id} className={duty.done ? 'duty-done' : ''}>
            <div className="duty-body">
              <div className="duty-head">
                <b>{duty.title}</b>
                {duty.done ? <span className="tag tag-good">已履行</span> : <LightTag light={duty.light} />}
              </div>
              <div className="duty-foot">
                {linked && <RecordLink record={duty.about} />}
                <span>{duty.unit_name}</span>
                {duty.due && !duty.done && <span className="dim">至 {dateTime(duty.due)}</span>}
                <BasisMark basis={duty.basis} />
              </div>
              {duty.evidence && <div className="duty-evidence">{duty.evidence}</div>}
            </div>
            {!duty.done && (
              <Button size="small" aria-label={`履行：${duty.title}`} onClick={() => setCompleting(duty)}>
                履行
              </Button>
            )}
          </li>
        ))}
      </ul>
      {completing && <CompleteDialog duty={completing} onClose={() => setCompleting(null)} />}
    </>
  )
}
