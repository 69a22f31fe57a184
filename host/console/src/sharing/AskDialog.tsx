/** What a unit asks another for: which fields of which rows, for what, until when. */
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Checkbox, DatePicker, Input, InputNumber, Select, Switch } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { type ReactNode, useState } from 'react'
import { api, call } from '../api/client'
import { divisionsQuery, interfaceQuery, sessionQuery } from '../api/queries'
import type { ShareDetail, ShareItem, ShareTerms } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { FREQUENCIES, MODES } from './shares'

export function Field({ label, must = false, children }: { label: string; must?: boolean; children: ReactNode }) {
  return (
    <label className="field">
      <span className="field-label">
        {label}
        {must && <span className="must">*</span>}
      </span>
      {children}
    </label>
  )
}

export function AskDialog({ item, onAsked, onClose }: { item: ShareItem; onAsked: (detail: ShareDetail) => void; onClose: () => void }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const declared = useQuery(interfaceQuery)
  const [fields, setFields] = useState<string[]>(item.fields.filter(({ personal }) => !personal).map(({ name }) => name))
  const [divisions, setDivisions] = useState<string[]>([session.unit.division])
  const [find, setFind] = useState('')
  const [purpose, setPurpose] = useState(session.purposes[0]?.code ?? '')
  const [ground, setGround] = useState('')
  const [scenario, setScenario] = useState('')
  const [mode, setMode] = useState('in_place')
  const [frequency, setFrequency] = useState('on_demand')
  const [until, setUntil] = useState<Dayjs | null>(dayjs().add(30, 'day').startOf('day'))
  const [rows, setRows] = useState<number | null>(200)
  const [days, setDays] = useState<number | null>(30)
  const [revocable, setRevocable] = useState(true)
  const places = useQuery(divisionsQuery(find))
  const purposes = new Map(session.purposes.map(({ code, title }) => [code, title]))
  for (const { purpose: known } of declared.data?.actions ?? []) purposes.set(known.code, known.title)
  const whyNot = fields.length === 0 ? '请至少选择一个数据项' : divisions.length === 0 ? '请选择区划' : !ground.trim() ? '请写明法定依据' : !scenario.trim() ? '请写明应用场景' : !until || until.isBefore(dayjs()) ? '截止时刻须在将来' : !rows ? '请写明最多读取多少行' : null
  const terms: ShareTerms = { fields, divisions, purpose, ground: ground.trim(), scenario: scenario.trim(), mode, frequency, until: until?.format() ?? '', max_rows: rows ?? 0, data_days: days ?? 0, revocable }
  const names = new Map(places.data?.map(({ code, name }) => [code, name]))
  names.set(session.unit.division, session.division_name)
  let asked: ShareDetail | undefined
  return (
    <Confirm
      title={`申请共享：${item.title}`}
      okText="保存为草稿"
      said="草稿已保存，请本单位负责人内部审核"
      whyNot={whyNot}
      onDo={async () => {
        asked = await call(api.POST('/api/v1/shares', { body: { item: item.id, terms } }))
      }}
      onDone={async () => {
        if (asked) onAsked(asked)
      }}
      onClose={onClose}
    >
      <p className="dim">
        由 {item.provider_name} 提供。只能申请目录项内的数据项，批准后不能扩大；不得转给其他单位（政务数据共享条例 第25条）。
      </p>
      <div className="field">
        <span className="field-label" id="ask-fields">
          数据项<span className="must">*</span>
        </span>
        <Checkbox.Group aria-labelledby="ask-fields" value={fields} onChange={setFields} options={item.fields.map(({ name, title, level, personal }) => ({ value: name, label: `${title}（${level}${personal ? '，个人信息' : ''}）` }))} />
      </div>
      <Field label="区划（含下级）" must>
        <Select mode="multiple" value={divisions} onChange={setDivisions} showSearch={{ onSearch: setFind, filterOption: false }} options={[...names].map(([value, label]) => ({ value, label }))} />
      </Field>
      <div className="fields fields-2">
        <Field label="目的" must>
          <Select value={purpose} onChange={setPurpose} options={[...purposes].map(([value, label]) => ({ value, label }))} />
        </Field>
        <Field label="法定依据" must>
          <Input value={ground} placeholder="法规名称和条款" maxLength={200} onChange={(event) => setGround(event.target.value)} />
        </Field>
      </div>
      <Field label="应用场景" must>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} value={scenario} placeholder="为办理什么事项使用" maxLength={1000} onChange={(event) => setScenario(event.target.value)} />
      </Field>
      <div className="fields fields-2">
        <Field label="方式">
          <Select value={mode} onChange={setMode} options={MODES.filter(({ value }) => value === 'in_place' || item.mode === 'file')} />
        </Field>
        <Field label="交付频次">
          <Select value={frequency} onChange={setFrequency} options={FREQUENCIES} />
        </Field>
        <Field label="使用至" must>
          <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" minDate={dayjs()} value={until} onChange={(value: Dayjs | null) => setUntil(value)} />
        </Field>
        <Field label="最多读取（行）" must>
          <InputNumber min={1} max={1_000_000} value={rows} onChange={setRows} />
        </Field>
        <Field label="读取后最多保存（日）">
          <InputNumber min={0} max={3650} value={days} onChange={setDays} />
        </Field>
        <Field label="提供单位可提前撤销">
          <Switch checked={revocable} onChange={setRevocable} />
        </Field>
      </div>
    </Confirm>
  )
}
