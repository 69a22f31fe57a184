/** Proposing a set: files dropped over those in force and changed on the spot, a set of before, or what the program ships. */
import { InboxOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal, Tabs, Upload } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { policiesQuery } from '../api/queries'
import type { Policies, PolicyFile } from '../api/types'
import { confirmed } from '../shell/StepUp'
import { ProblemNote } from '../ui/Problem'
import { Report } from './Report'
import { replaced } from './words'

/** What a proposal begins with. */
export type Beginning = { files: PolicyFile[] } | { set: string; digest: string } | { shipped: true }

const TITLES = { files: '提出策略变更', set: '恢复从前的策略', shipped: '恢复随程序发布的策略' }

function kindOf(beginning: Beginning): keyof typeof TITLES {
  if ('files' in beginning) return 'files'
  return 'set' in beginning ? 'set' : 'shipped'
}

/** Files as they are to be: dropped ones take the place of those of the same name. */
function Editor({ files, onChange }: { files: PolicyFile[]; onChange: (files: PolicyFile[]) => void }) {
  const [chosen, setChosen] = useState<string | undefined>(files[0]?.name)
  const { message } = App.useApp()
  const take = async (dropped: File[]) => {
    const right = dropped.filter(({ name }) => name.endsWith('.cedar'))
    const wrong = dropped.filter(({ name }) => !name.endsWith('.cedar') && name !== 'anshu.cedarschema')
    if (wrong.length > 0) void message.warning(`没有放入：${wrong.map(({ name }) => name).join('、')}（只接受 .cedar 策略文件）`)
    const read = await Promise.all(right.map(async (file) => ({ name: file.name, text: await file.text() })))
    if (read.length === 0) return
    onChange(replaced(files, read))
    setChosen(read[0]?.name)
  }
  return (
    <div className="stack">
      <Upload.Dragger
        multiple
        accept=".cedar"
        showUploadList={false}
        beforeUpload={(file, list) => {
          // Called for each file with all of them.
          if (file === list[0]) void take(list)
          return false
        }}
      >
        <p>
          <InboxOutlined /> 把改好的 .cedar 文件拖到这里，或点击选择；同名的替换，其余不动
        </p>
      </Upload.Dragger>
      <Tabs
        size="small"
        type="editable-card"
        hideAdd
        activeKey={chosen}
        onChange={setChosen}
        onEdit={(name, action) => action === 'remove' && onChange(files.filter((file) => file.name !== name))}
        items={files.map((file) => ({
          key: file.name,
          label: <span className="code">{file.name}</span>,
          children: (
            <Input.TextArea
              className="code policy-edit"
              aria-label={file.name}
              rows={14}
              spellCheck={false}
              value={file.text}
              onChange={(event) => onChange(files.map((one) => (one.name === file.name ? { ...one, text: event.target.value } : one)))}
            />
          ),
        }))}
      />
    </div>
  )
}

export function Propose({ beginning, onClose, onProposed }: { beginning: Beginning; onClose: () => void; onProposed: (id: string) => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [files, setFiles] = useState('files' in beginning ? beginning.files : [])
  const [reason, setReason] = useState('')
  const draft = 'files' in beginning ? { files, shipped: false } : 'set' in beginning ? { set: beginning.set, shipped: false } : { shipped: true }
  const check = useMutation({ mutationFn: () => call(api.POST('/api/v1/policies/check', { body: draft })) })
  const propose = useMutation({
    mutationFn: () => confirmed(() => call(api.POST('/api/v1/policies', { body: { ...draft, reason: reason.trim() } }))),
    onSuccess: (policies: Policies) => {
      queryClient.setQueryData(policiesQuery.queryKey, policies)
      void message.success('已提出，待第二个人批准；现行策略不变')
      onClose()
      const first = policies.sets.find(({ state, own }) => state === 'proposed' && own)
      if (first) onProposed(first.id)
    },
  })
  const change = (next: PolicyFile[]) => {
    setFiles(next)
    check.reset()
  }
  const kind = kindOf(beginning)
  const same = check.data && check.data.differences.length === 0 && kind === 'files'
  const whyNot = !check.data ? '请先检查' : check.data.problems.length > 0 ? '检查没有通过，请先改正' : same ? '与现行策略相同，没有变更' : reason.trim() === '' ? '请写明理由' : null
  return (
    <Modal
      open
      width={1080}
      title={TITLES[kind]}
      onCancel={onClose}
      destroyOnHidden
      footer={[
        <Button key="close" onClick={onClose}>
          取消
        </Button>,
        <Button key="check" loading={check.isPending} onClick={() => check.mutate()}>
          检查
        </Button>,
        <Button key="propose" type="primary" disabled={whyNot !== null} loading={propose.isPending} onClick={() => propose.mutate()}>
          提出
        </Button>,
      ]}
    >
      <div className="stack">
        <p className="dim">提出后不会生效，须由另一名安全管理员或审计员批准；批准后立即生效，并提醒审计员。</p>
        {'files' in beginning && <Editor files={files} onChange={change} />}
        {'set' in beginning && (
          <p>
            恢复策略集 <span className="code">{beginning.digest}</span>，文件与当时一样。
          </p>
        )}
        {'shipped' in beginning && <p>恢复随程序发布的策略；以后升级程序时随之更新。</p>}
        <label className="field">
          <span className="field-label">
            理由<span className="must">*</span>
          </span>
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} maxLength={500} value={reason} placeholder="要改变什么、为什么；批准人和审计员都会看到" onChange={(event) => setReason(event.target.value)} />
        </label>
        {whyNot && <p className="offer-why">{whyNot}</p>}
        {(check.error ?? propose.error) && <ProblemNote error={check.error ?? propose.error} />}
        {check.data && <Report report={check.data} />}
      </div>
    </Modal>
  )
}
