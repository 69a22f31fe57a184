/** A form over plain texts for a record that the law asks for: what is missing is said beside the button. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { type ReactNode, useState } from 'react'
import type { Compliance } from '../api/types'
import { ProblemNote } from '../ui/Problem'

/** A text of the form: its name, what it is called, and whether it may be empty. */
export type Field = [name: string, title: string, optional?: 'optional']

interface Props {
  fields: readonly Field[]
  children?: ReactNode
  /** Why it cannot be sent, beside missing texts. */
  whyNot?: string | null
  onSend: (texts: Record<string, string>) => Promise<Compliance>
}

export function RecordForm({ fields, children, whyNot = null, onSend }: Props) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [texts, setTexts] = useState<Record<string, string>>({})
  const send = useMutation({
    mutationFn: () => onSend(Object.fromEntries(fields.map(([name]) => [name, (texts[name] ?? '').trim()]))),
    onSuccess: (all) => {
      queryClient.setQueryData(['compliance'], all)
      setTexts({})
      void message.success('已登记')
    },
  })
  const missing = fields.find(([name, , optional]) => !optional && !(texts[name] ?? '').trim())
  const why = missing ? `请填写：${missing[1]}` : whyNot
  return (
    <div className="stack form-narrow">
      {fields.map(([name, title, optional]) => (
        <label key={name} className="field">
          <span className="field-label">
            {title}
            {optional && '（可不填）'}
          </span>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 8 }} maxLength={4000} value={texts[name] ?? ''} onChange={(event) => setTexts({ ...texts, [name]: event.target.value })} />
        </label>
      ))}
      {children}
      {send.error && <ProblemNote error={send.error} />}
      <div>
        <Button type="primary" disabled={why !== null} loading={send.isPending} onClick={() => send.mutate()}>
          登记
        </Button>{' '}
        {why && <span className="offer-why">{why}</span>}
      </div>
    </div>
  )
}
