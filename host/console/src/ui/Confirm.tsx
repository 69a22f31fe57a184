/** A step that others will see: what it will do is shown before it is done, and what went wrong stays beside the button. */
import { useMutation } from '@tanstack/react-query'
import { App, Modal } from 'antd'
import type { ReactNode } from 'react'
import { ProblemNote } from './Problem'

interface ConfirmProps {
  title: string
  okText: string
  /** Said when it is done. */
  said: string
  /** What it will do. */
  children: ReactNode
  onDo: () => Promise<unknown>
  onDone?: () => Promise<unknown>
  onClose: () => void
  danger?: boolean
  /** Why it cannot be done as it is filled in now. */
  whyNot?: string | null
}

export function Confirm({ title, okText, said, children, onDo, onDone, onClose, danger = false, whyNot = null }: ConfirmProps) {
  const { message } = App.useApp()
  const act = useMutation({
    mutationFn: onDo,
    onSuccess: async () => {
      // The page behind is brought up to date first, so that no button of before is left to press.
      await onDone?.()
      void message.success(said)
      onClose()
    },
  })
  return (
    <Modal open width={600} title={title} okText={okText} cancelText="取消" onCancel={onClose} onOk={() => act.mutate()} okButtonProps={{ loading: act.isPending, danger, disabled: whyNot !== null }} destroyOnHidden>
      <div className="stack">
        {children}
        {whyNot && <p className="offer-why">{whyNot}</p>}
        {act.error && <ProblemNote error={act.error} />}
      </div>
    </Modal>
  )
}
