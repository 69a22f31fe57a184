/** What this person's unit offers of what it holds (共享目录). */
import { useQueryClient } from '@tanstack/react-query'
import { Checkbox, Input, Select } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import type { ShareCatalogue, ShareItem } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Field } from './AskDialog'
import { ATTRIBUTES, FREQUENCIES, MODES } from './shares'

export function PublishDialog({ catalogue, unit, onClose }: { catalogue: ShareCatalogue; unit: string; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [key, setKey] = useState<string | null>(null)
  const [fields, setFields] = useState<string[]>([])
  const [attribute, setAttribute] = useState('conditional')
  const [text, setText] = useState('')
  const [format, setFormat] = useState('')
  const [frequency, setFrequency] = useState('on_demand')
  const [mode, setMode] = useState('in_place')
  const [reason, setReason] = useState('')
  const group = catalogue.groups.find(({ of, name }) => `${of}:${name}` === key)
  const known: ShareItem | undefined = group && catalogue.items.find(({ provider, of, content }) => provider === unit && of === group.of && content === group.name)
  const needsText = attribute !== 'unconditional'
  const whyNot = !group ? '请选择本单位提供的内容' : fields.length === 0 ? '请至少选择一个数据项' : needsText && !text.trim() ? (attribute === 'withheld' ? '不予共享须写明法律、行政法规或者国务院决定的条款' : '请写明共享条件') : known && !reason.trim() ? '变更须写明理由' : null
  const choose = (chosen: string) => {
    const next = catalogue.groups.find(({ of, name }) => `${of}:${name}` === chosen)
    const before = catalogue.items.find(({ provider, of, content }) => provider === unit && `${of}:${content}` === chosen)
    setKey(chosen)
    setFields(before ? before.fields.map(({ name }) => name) : (next?.fields ?? []).filter(({ personal }) => !personal).map(({ name }) => name))
  }
  return (
    <Confirm
      title="编制共享目录"
      okText={known ? '变更' : '发布'}
      said={known ? '已变更' : '已发布'}
      whyNot={whyNot}
      onDo={() =>
        call(
          api.POST('/api/v1/share-items', {
            body: {
              of: group?.of ?? '',
              name: group?.name ?? '',
              on: group?.on,
              fields,
              attribute,
              basis: attribute === 'withheld' ? text.trim() : null,
              conditions: attribute === 'conditional' ? text.trim() : null,
              format: format.trim(),
              frequency,
              mode,
              reason: reason.trim(),
            },
          }),
        )
      }
      onDone={() => queryClient.invalidateQueries({ queryKey: ['share-items'] })}
      onClose={onClose}
    >
      <Field label="内容" must>
        <Select value={key} placeholder="插件已声明的数据" onChange={choose} options={catalogue.groups.map(({ of, name, title, pack_title: pack }) => ({ value: `${of}:${name}`, label: `${title}（${pack}）` }))} />
      </Field>
      {group && (
        <div className="field">
          <span className="field-label" id="publish-fields">
            数据项<span className="must">*</span>
          </span>
          <Checkbox.Group aria-labelledby="publish-fields" value={fields} onChange={setFields} options={group.fields.map(({ name, title, level, personal }) => ({ value: name, label: `${title}（${level}${personal ? '，个人信息' : ''}）` }))} />
          <span className="field-help">封存的和举报人的信息一律不共享，不在其中。只共享本单位牵头的记录。</span>
        </div>
      )}
      <div className="fields fields-2">
        <Field label="共享属性" must>
          <Select value={attribute} onChange={setAttribute} options={ATTRIBUTES} />
        </Field>
        <Field label="更新周期">
          <Select value={frequency} onChange={setFrequency} options={FREQUENCIES} />
        </Field>
        <Field label="共享方式">
          <Select value={mode} onChange={setMode} options={MODES} />
        </Field>
        <Field label="数据格式">
          <Input value={format} maxLength={100} placeholder="如 JSON" onChange={(event) => setFormat(event.target.value)} />
        </Field>
      </div>
      {needsText && (
        <Field label={attribute === 'withheld' ? '不予共享的依据' : '共享条件'} must>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} value={text} maxLength={500} placeholder={attribute === 'withheld' ? '法律、行政法规或者国务院决定的条款' : '如：仅用于履行法定职责'} onChange={(event) => setText(event.target.value)} />
        </Field>
      )}
      {known && (
        <Field label="变更理由" must>
          <Input value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} />
        </Field>
      )}
    </Confirm>
  )
}
