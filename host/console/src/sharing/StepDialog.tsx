/** One step of a share: what it does is said before it is done. */
import { useQueryClient } from '@tanstack/react-query'
import { Input, Radio } from 'antd'
import { type ReactNode, useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords } from '../api/queries'
import type { ShareDetail } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Field } from './AskDialog'
import { OUTCOMES } from './shares'

interface Words {
  /** What it does. */
  does: ReactNode
  /** What its text is called; none where there is nothing to say. */
  asks?: string
  /** Whether the text must be there. */
  must?: boolean
  danger?: boolean
}

const WORDS: Record<string, Words> = {
  review: { does: '同意后由本单位经办人提交提供单位；修改申请会使审核失效。', asks: '意见' },
  submit: { does: '提交后不能再修改。无条件共享的，按规则即时答复；其他由提供单位负责人答复。' },
  answer: { does: '同意后交付；不同意须写明理由，申请单位可提出争议。涉及 L4 或者未成年人的，须由两个单位分别同意。', asks: '意见' },
  deliver: { does: '签发交付清单：写明范围、期限、行数和摘要，由本中心日志密钥签名，记入日志。申请单位签收后才能读取。' },
  accept: { does: '签收后即可在范围和期限内读取。每次读取双方都能看到；不得转给其他单位。' },
  finish: { does: '提前结束后不能再读取，并须报送销毁证明。', asks: '理由', must: true, danger: true },
  revoke: { does: '撤销后立即不能读取，已打开的列表也不能翻到下一页；接收单位须报送销毁证明。', asks: '理由', must: true, danger: true },
  destroy: { does: '证明已读取的数据已经销毁。逾期未报的，系统给本单位负责人立一项职责。', asks: '怎样销毁', must: true },
  dispute: { does: '争议由双方以外的综治协调先协调、后裁定。', asks: '争议的内容', must: true },
  coordinate: { does: '记录双方意见，之后裁定。', asks: '协调情况', must: true },
  decide: { does: '裁定对双方生效。', asks: '理由', must: true },
}

export function StepDialog({ detail, step, onClose }: { detail: ShareDetail; step: { name: string; title: string }; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [agree, setAgree] = useState(true)
  const [text, setText] = useState('')
  const [what, setWhat] = useState('')
  const [outcome, setOutcome] = useState('stands')
  const { share } = detail
  const words = WORDS[step.name] ?? { does: '' }
  const choice = step.name === 'review' || step.name === 'answer'
  const must = words.must === true || (choice && !agree)
  const whyNot = must && !text.trim() ? `请写明${words.asks ?? '理由'}` : step.name === 'destroy' && !what.trim() ? '请写明销毁了什么' : null
  const waiting = detail.deliveries.find(({ accepted_at: at }) => !at)
  const params = { path: { id: share.id } }
  const send = () =>
    step.name === 'accept'
      ? call(api.POST('/api/v1/shares/{id}/receipt', { params, body: { manifest: waiting?.manifest ?? '' } }))
      : call(
          api.POST('/api/v1/shares/{id}/steps', {
            params,
            body: {
              step: step.name,
              version: share.version,
              agree: choice ? agree : null,
              reason: step.name === 'destroy' ? null : text.trim() || null,
              what: step.name === 'destroy' ? what.trim() : null,
              how: step.name === 'destroy' ? text.trim() : null,
              outcome: step.name === 'decide' ? outcome : null,
            },
          }),
        )
  return (
    <Confirm title={`${step.title}：${share.title}`} okText={choice && !agree ? (step.name === 'review' ? '退回' : '不同意') : step.title} said={`${step.title}已办理`} danger={words.danger === true || (choice && !agree)} whyNot={whyNot} onDo={send} onDone={() => refreshRecords(queryClient)} onClose={onClose}>
      <p>{words.does}</p>
      {choice && (
        <Radio.Group
          aria-label="是否同意"
          value={agree}
          onChange={(event) => setAgree(event.target.value as boolean)}
          options={[
            { value: true, label: '同意' },
            { value: false, label: step.name === 'review' ? '退回修改' : '不同意' },
          ]}
        />
      )}
      {step.name === 'decide' && <Radio.Group aria-label="裁定" value={outcome} onChange={(event) => setOutcome(event.target.value as string)} options={OUTCOMES} />}
      {step.name === 'destroy' && (
        <Field label="销毁了什么" must>
          <Input value={what} maxLength={1000} placeholder="如：导入本单位系统的 120 行" onChange={(event) => setWhat(event.target.value)} />
        </Field>
      )}
      {words.asks && (
        <Field label={words.asks} must={must}>
          <Input.TextArea autoFocus autoSize={{ minRows: 2, maxRows: 6 }} value={text} maxLength={1000} placeholder={must ? '双方都能看到，并记入日志' : '可不填'} onChange={(event) => setText(event.target.value)} />
        </Field>
      )}
    </Confirm>
  )
}
