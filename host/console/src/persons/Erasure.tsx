/** What the erasure desk does for a request: asked for here by the officer, followed here by everybody, with the receipt. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import type { PersonRequest } from '../api/types'
import { confirmed } from '../shell/StepUp'
import { Confirm } from '../ui/Confirm'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { save } from './Held'

const DOES = {
  erase: { title: '转销毁', said: '已提出销毁，待第二人答复', does: '为这项请求登记销毁，由另一名批准人答复；同意即销毁，请求随之办结；不同意的，理由告知本人。' },
  restrict: { title: '停止处理', said: '已停止处理，请求已答复', does: '立即停止除存储和必要安全保护之外的处理，并答复本人。依法还不能删除的，用这个办法（个人信息保护法 第47条）。' },
} as const

function HandOver({ request, what, onClose }: { request: PersonRequest; what: keyof typeof DOES; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [ground, setGround] = useState(what === 'erase' ? '本人申请删除' : '')
  const [article, setArticle] = useState(request.article)
  const { title, said, does } = DOES[what]
  const missing = !ground.trim() ? (what === 'erase' ? '事由' : '理由') : !article.trim() ? '依据的条款' : null
  const body = { ground: ground.trim(), article: article.trim(), restrict: what === 'restrict' }
  return (
    <Confirm
      title={`${title}：${request.right_title}`}
      okText={title}
      said={said}
      danger
      whyNot={missing && `请填写：${missing}`}
      onDo={() => confirmed(() => call(api.POST('/api/v1/requests/{id}/erasure', { params: { path: { id: request.id } }, body })))}
      onDone={() => Promise.all([queryClient.invalidateQueries({ queryKey: ['requests'] }), queryClient.invalidateQueries({ queryKey: ['erasures'] })])}
      onClose={onClose}
    >
      <p className="dim">{does}</p>
      <label className="field">
        <span className="field-label">{what === 'erase' ? '事由' : '为什么停止处理而不删除（告知本人）'}</span>
        <Input autoFocus maxLength={400} value={ground} onChange={(event) => setGround(event.target.value)} />
      </label>
      <label className="field">
        <span className="field-label">依据的条款</span>
        <Input maxLength={400} value={article} onChange={(event) => setArticle(event.target.value)} />
      </label>
    </Confirm>
  )
}

/** Where the erasure of a request stands, and its receipt. */
export function RequestErasure({ request, desk, ward }: { request: PersonRequest; desk: boolean; ward?: string }) {
  const { erasure } = request
  const receipt = useMutation({
    mutationFn: (id: string) =>
      desk
        ? call(api.GET('/api/v1/erasures/{id}/receipt', { params: { path: { id } }, parseAs: 'text' }))
        : call(api.GET('/api/v1/me/requests/{id}/receipt', { params: { path: { id: request.id }, query: { ward } }, parseAs: 'text' })),
    onSuccess: (text) => save(`销毁凭证-${erasure?.id}.txt`, text, 'text/plain'),
  })
  if (!erasure) return null
  return (
    <div>
      销毁登记 <span className="code">{erasure.id}</span>：{erasure.state_title}
      {erasure.answered_at && <span className="dim">（{dateTime(erasure.answered_at)}）</span>}{' '}
      {erasure.receipt && (
        <Button size="small" loading={receipt.isPending} onClick={() => receipt.mutate(erasure.id)}>
          下载销毁凭证
        </Button>
      )}
      {receipt.error && <ProblemNote error={receipt.error} />}
    </div>
  )
}

/** The buttons with which the officer hands a request over. */
export function EraseButtons({ request }: { request: PersonRequest }) {
  const [what, setWhat] = useState<keyof typeof DOES | null>(null)
  return (
    <>
      {request.erasable.map((name) => {
        const key = name === 'erase' ? 'erase' : 'restrict'
        return (
          <Button key={name} size="small" onClick={() => setWhat(key)}>
            {DOES[key].title}
          </Button>
        )
      })}
      {what && <HandOver request={request} what={what} onClose={() => setWhat(null)} />}
    </>
  )
}
