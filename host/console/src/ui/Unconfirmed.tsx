/** Cases that an upgrade plan left to a person: what the new version would mean, and the word of who handles them. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Input, Radio } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, unconfirmedQuery } from '../api/queries'
import type { Unconfirmed } from '../api/types'
import { Confirm } from './Confirm'
import { Panel } from './Panel'
import { Due, Why } from './UpgradeCases'

function WordDialog({ one, onClose }: { one: Unconfirmed; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [accepts, setAccepts] = useState<boolean | null>(null)
  const [reason, setReason] = useState('')
  const { plan, item } = one
  const whyNot = accepts === null ? '请选择是否衔接' : reason.trim() === '' ? '请写明理由' : null
  return (
    <Confirm
      title={`${item.code} 是否衔接到“${one.pack_title}” ${one.version}`}
      okText={accepts === false ? '确认不衔接' : '确认衔接'}
      said={accepts ? '已衔接到新版本' : '已确认不衔接，按原版本办结'}
      whyNot={whyNot}
      onDo={() => call(api.POST('/api/v1/upgrades/{id}/items/{case}', { params: { path: { id: plan, case: item.case } }, body: { accepts: accepts ?? false, reason: reason.trim() } }))}
      onDone={() => refreshRecords(queryClient)}
      onClose={onClose}
    >
      <Why item={item} />
      <div className="side-by-side">
        <span className="field-label">到期</span> <Due item={item} />
      </div>
      <Radio.Group
        aria-label="是否衔接"
        className="stack"
        value={accepts}
        onChange={(event) => setAccepts(event.target.value as boolean)}
        options={[
          { value: true, label: '衔接：今后按新版本办理，时限按上面的到期' },
          { value: false, label: '不衔接：按原版本办结，时限不变' },
        ]}
      />
      <label className="field">
        <span className="field-label">
          理由<span className="must">*</span>
        </span>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={500} placeholder="会记入本案的办理记录" value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <p className="dim">以您的姓名记入办理记录和日志。衔接后，在下一次人工办理之前，综治协调可以撤回这一件。</p>
    </Confirm>
  )
}

/** On the page of a case: that its handler's word is waited for, and the way to give it. */
export function UnconfirmedNote({ id }: { id: string }) {
  const waiting = useQuery(unconfirmedQuery(id))
  const [open, setOpen] = useState<Unconfirmed | null>(null)
  const one = waiting.data?.[0]
  if (!one) return null
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={`“${one.pack_title}”已升级到 ${one.version}，本案是否按新规定办理，须由您的单位确认`}
        description={one.item.reason}
        action={
          <Button type="primary" onClick={() => setOpen(one)}>
            确认衔接
          </Button>
        }
      />
      {open && <WordDialog one={open} onClose={() => setOpen(null)} />}
    </>
  )
}

/** At the desk: nothing where nothing waits. */
export function UnconfirmedPanel() {
  const waiting = useQuery(unconfirmedQuery())
  const [open, setOpen] = useState<Unconfirmed | null>(null)
  if (!waiting.data?.length) return null
  return (
    <Panel title={`须您的单位确认的新旧衔接（${waiting.data.length}）`} flush>
      <ul className="lines">
        {waiting.data.map((one) => (
          <li key={one.item.case}>
            <Link to="/cases/$id" params={{ id: one.item.case }}>
              <span className="line-title code">{one.item.code}</span>
              <span className="line-foot">
                {one.pack_title} {one.version} · {one.item.reason}
              </span>
            </Link>
            <span className="line-end">
              <Button size="small" aria-label={`确认 ${one.item.code} 是否衔接`} onClick={() => setOpen(one)}>
                确认
              </Button>
            </span>
          </li>
        ))}
      </ul>
      {open && <WordDialog one={open} onClose={() => setOpen(null)} />}
    </Panel>
  )
}
