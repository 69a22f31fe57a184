/** A document that lies on the window: which one, and its number, which is looked up and kept nowhere. */
import { Input, Select } from 'antd'
import { useId } from 'react'
import { schemeTitle } from '../ui/words'

const SCHEMES = ['resident-id', 'hk-macau-taiwan-residence-permit', 'foreign-permanent-resident', 'hk-macau-travel-permit', 'taiwan-travel-permit', 'passport'].map((value) => ({ value, label: schemeTitle(value) }))

export interface Numbered {
  scheme: string
  number: string
}

export function DocumentFields<T extends Numbered>({ whose = '', value, onChange }: { whose?: string; value: T; onChange: (value: T) => void }) {
  const id = useId()
  return (
    <>
      <div className="field">
        <span className="field-label" id={id}>
          {whose}证件类型
        </span>
        <Select aria-labelledby={id} className="full" value={value.scheme} options={SCHEMES} onChange={(scheme: string) => onChange({ ...value, scheme })} />
      </div>
      <label className="field">
        <span className="field-label">{whose}证件号码（只用于查找，不保存）</span>
        <Input autoComplete="off" value={value.number} onChange={(event) => onChange({ ...value, number: event.target.value })} />
      </label>
    </>
  )
}
