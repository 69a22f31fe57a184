/** Moving a record on: to which stage, to which part of it, and why. */
import { useMutation } from '@tanstack/react-query'
import { App, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { ProblemNote } from './Problem'

/** A refinement of a stage, as a pack names it. */
export type Substage = string | { name: string; title: string }

interface MoveDialogProps {
  title: string
  substages: Substage[]
  onMove: (note: string, substage: string | undefined) => Promise<unknown>
  onClose: () => void
}

export function MoveDialog({ title, substages, onMove, onClose }: MoveDialogProps) {
  const [note, setNote] = useState('')
  const [substage, setSubstage] = useState<string>()
  const { message } = App.useApp()
  const move = useMutation({
    mutationFn: () => onMove(note.trim(), substage),
    onSuccess: () => {
      void message.success(`已流转到“${title}”`)
      onClose()
    },
  })
  const options = substages.map((item) => (typeof item === 'string' ? { value: item, label: item } : { value: item.name, label: item.title }))
  return (
    <Modal open title={`流转到“${title}”`} okText="确定流转" cancelText="取消" onCancel={onClose} onOk={() => move.mutate()} okButtonProps={{ loading: move.isPending }} destroyOnHidden>
      <div className="stack">
        {options.length > 0 && (
          <label className="field">
            <span className="field-label">细分环节</span>
            <Select allowClear className="full" placeholder="不细分" value={substage ?? null} onChange={(value: string | null) => setSubstage(value ?? undefined)} options={options} />
          </label>
        )}
        <label className="field">
          <span className="field-label">
            情况说明
          </span>
          <Input.TextArea autoFocus autoSize={{ minRows: 3, maxRows: 8 }} value={note} placeholder="可不填。为什么现在流转，交给谁，要注意什么" onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && !move.isPending && move.mutate()} />
        </label>
        {move.error && <ProblemNote error={move.error} />}
      </div>
    </Modal>
  )
}
