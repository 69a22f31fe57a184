/** A request about one's own data, or a guardian's about a child's. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Radio } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import type { Ward } from '../api/types'
import { Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'

/** What one may ask for, in a person's words. */
const RIGHTS: [string, string, string][] = [
  ['access', '查阅、复制', '想要一份中心保存的资料'],
  ['correct', '更正、补充', '资料有错或者不全'],
  ['delete', '删除', '不应当再保存这些资料'],
  ['explain', '说明决定', '想知道一个决定是怎样作出的'],
  ['stop', '停止或限制处理', '不同意继续使用这些资料'],
  ['complain', '投诉', '对处理资料的做法有意见'],
]

export function Ask({ about, ward, onDone }: { about?: string; ward?: Ward; onDone: () => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [right, setRight] = useState(about ? 'explain' : 'access')
  const [wish, setWish] = useState('')
  const ask = useMutation({
    mutationFn: () => call(api.POST('/api/v1/me/requests', { body: { right, wish: wish.trim(), about: right === 'explain' ? about : undefined, ward: ward?.link } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['own-requests'] })
      setWish('')
      void message.success('已提出，请在这里查看办理情况')
      onDone()
    },
  })
  return (
    <Panel title={ward ? `为 ${ward.name} 提出请求` : '提出请求'}>
      <div className="stack">
        <Radio.Group
          aria-label="请求的种类"
          className="rights"
          value={right}
          onChange={(event) => setRight(event.target.value as string)}
          options={RIGHTS.map(([value, title, hint]) => ({
            value,
            label: (
              <>
                {title} <span className="dim">{hint}</span>
              </>
            ),
          }))}
        />
        {about && right === 'explain' && <p className="dim">说明的决定：{about}</p>}
        <label className="field">
          <span className="field-label">请写明您的要求</span>
          <Input.TextArea rows={4} maxLength={4000} showCount value={wish} onChange={(event) => setWish(event.target.value)} />
        </label>
        <p className="dim">依据个人信息保护法第44条至第50条。不予办理的，会写明理由和您可以采取的救济途径。未满十四周岁的，由监护人提出：持监护关系证明到窗口关联账号，或者在窗口提出。</p>
        {ask.error && <ProblemNote error={ask.error} />}
        <div>
          <Button type="primary" disabled={!wish.trim()} loading={ask.isPending} onClick={() => ask.mutate()}>
            提出
          </Button>
        </div>
      </div>
    </Panel>
  )
}
