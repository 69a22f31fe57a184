/** A person's request: where it stands, what was said, and the steps that can follow. The same for the person and for the desk. */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import type { PersonRequest } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { dateTime } from '../ui/time'
import { EraseButtons, RequestErasure } from './Erasure'

interface Words {
  title: string
  said: string
  /** What must be written; none where nothing is. */
  text?: string
  danger?: boolean
  does: string
}

/** What each step is called, and what it does. */
export const STEPS: Record<string, Words> = {
  accept: { title: '受理', said: '已受理', does: '开始办理；受理后可以查阅所涉资料，查阅会告知本人。' },
  ask: { title: '要求补充', said: '已要求补充', text: '需要本人补充什么', does: '等待本人补充期间，答复期限停止计算。' },
  supplement: { title: '补充', said: '已补充', text: '补充的内容', does: '补充后继续办理，答复期限接着计算。' },
  extend: { title: '延长期限', said: '已延长', text: '延长的理由', does: '自现在起按同样的天数延长一次（本地政策），理由告知本人。' },
  hand_over: { title: '转办', said: '已转办', text: '转往哪个部门或哪份文书', does: '由有关部门办理；仍由您答复本人。' },
  answer: { title: '答复', said: '已答复', text: '给本人的答复；没有提供的部分写明依据', does: '答复后请求办结。' },
  refuse: { title: '不予办理', said: '已答复不予办理', text: '理由和依据', danger: true, does: '必须说明理由（个人信息保护法 第50条），并告知救济途径。' },
  withdraw: { title: '撤回', said: '已撤回', danger: true, does: '撤回后不再办理；以后可以重新提出。' },
}

function StepDialog({ request, step, desk, ward, onClose }: { request: PersonRequest; step: string; desk: boolean; ward?: string; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [text, setText] = useState('')
  const [remedy, setRemedy] = useState('')
  const [whole, setWhole] = useState(true)
  const words = STEPS[step]
  if (!words) return null
  const whyNot = words.text && !text.trim() ? `请填写：${words.text}` : step === 'refuse' && !remedy.trim() ? '请填写本人可以采取的救济途径' : null
  const body = { step, text: words.text ? text.trim() : undefined, whole: step === 'answer' ? whole : undefined, remedy: step === 'refuse' ? remedy.trim() : undefined }
  const path = { path: { id: request.id } }
  return (
    <Confirm
      title={`${words.title}：${request.right_title}`}
      okText={words.title}
      said={words.said}
      danger={words.danger}
      whyNot={whyNot}
      onDo={() => (desk ? call(api.POST('/api/v1/requests/{id}/step', { params: path, body })) : call(api.POST('/api/v1/me/requests/{id}/step', { params: { ...path, query: { ward } }, body })))}
      onDone={() => queryClient.invalidateQueries({ queryKey: [desk ? 'requests' : 'own-requests'] })}
      onClose={onClose}
    >
      <p className="dim">{words.does}</p>
      {words.text && (
        <label className="field">
          <span className="field-label">{words.text}</span>
          <Input.TextArea autoFocus rows={4} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
        </label>
      )}
      {step === 'refuse' && (
        <label className="field">
          <span className="field-label">救济途径，如向哪个机关投诉、申诉</span>
          <Input.TextArea rows={2} maxLength={4000} value={remedy} onChange={(event) => setRemedy(event.target.value)} />
        </label>
      )}
      {step === 'answer' && (
        <Checkbox checked={whole} onChange={(event) => setWhole(event.target.checked)}>
          本人的请求已全部办到
        </Checkbox>
      )}
    </Confirm>
  )
}

/** One request with its steps. */
export function RequestCard({ request, desk, ward, children }: { request: PersonRequest; desk: boolean; ward?: string; children?: React.ReactNode }) {
  const [step, setStep] = useState<string | null>(null)
  const tone = request.stand === 'refused' ? 'tag-bad' : request.stand === 'answered' ? 'tag-good' : 'tag-quiet'
  return (
    <li className="request">
      <div className="request-head">
        <strong>{request.right_title}</strong>
        <span className={`tag ${tone}`}>{request.stand_title}</span>
        {request.late && <span className="tag tag-bad">超过答复期限</span>}
        {request.window && <span className="tag tag-quiet">窗口提出</span>}
        {request.guardian && <span className="tag tag-policy">监护人提出</span>}
        <span className="dim">{request.article}</span>
      </div>
      <p className="plain-text">{request.wish}</p>
      <p className="dim">
        {dateTime(request.filed_at)} 提出
        {request.due_at && `，${dateTime(request.due_at)} 前答复（本地政策）`}
        {request.proof && `；身份核验：${request.proof}`}
      </p>
      {request.steps.length > 0 && (
        <ol className="request-steps">
          {request.steps.map((one) => (
            <li key={`${one.at}${one.title}`}>
              <span className="dim nowrap">{dateTime(one.at)}</span> <strong>{one.title}</strong>
              {one.text && <div className="plain-text">{one.text}</div>}
              {one.remedy && <div className="plain-text">救济途径：{one.remedy}</div>}
            </li>
          ))}
        </ol>
      )}
      <RequestErasure request={request} desk={desk} ward={ward} />
      {children}
      {request.next.length > 0 && (
        <div className="request-foot">
          {request.next.map((name, at) => (
            <Button key={name} size="small" type={at === 0 && name !== 'withdraw' ? 'primary' : 'default'} danger={STEPS[name]?.danger} onClick={() => setStep(name)}>
              {STEPS[name]?.title ?? name}
            </Button>
          ))}
          <EraseButtons request={request} />
        </div>
      )}
      {step && <StepDialog request={request} step={step} desk={desk} ward={ward} onClose={() => setStep(null)} />}
    </li>
  )
}
