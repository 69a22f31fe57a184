/** Choosing a case by its code or the beginning of its title, as lists are searched: nobody copies an id out of an address. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { caseQuery, casesQuery } from '../api/queries'
import type { CaseItem } from '../api/types'

const FOUND = 20

function label({ code, title, division_name: where }: Pick<CaseItem, 'code' | 'title' | 'division_name'>): string {
  return `${code} · ${title} · ${where}`
}

interface CasePickerProps {
  /** As form fields give it. */
  id?: string
  value?: string
  onChange?: (id: string | undefined) => void
  disabled?: boolean
  placeholder?: string
}

export function CasePicker({ value, onChange, placeholder = '案件编号，或标题开头', ...rest }: CasePickerProps) {
  const [text, setText] = useState('')
  const [touched, setTouched] = useState(false)
  const q = useDeferredValue(text.trim()) || undefined
  const found = useInfiniteQuery({ ...casesQuery({ q }, FOUND), enabled: touched })
  const listed = found.data?.pages[0]?.items ?? []
  // A case that came with the address was looked at a moment ago: its page is what led here.
  const given = useQuery({ ...caseQuery(value ?? ''), enabled: Boolean(value) && !listed.some(({ id }) => id === value) && !touched })
  const known = given.data && !listed.some(({ id }) => id === given.data.id) ? [given.data, ...listed] : listed
  return (
    <Select<string>
      {...rest}
      allowClear
      className="full"
      popupMatchSelectWidth={520}
      showSearch={{ filterOption: false, onSearch: setText }}
      placeholder={placeholder}
      value={value || null}
      loading={found.isFetching}
      notFoundContent={found.isFetching ? '正在查找' : found.error ? '查找失败，请稍后再试' : '没有找到；请核对编号，也可能不在您的管辖范围内'}
      onOpenChange={(open) => open && setTouched(true)}
      onChange={(id?: string) => onChange?.(id)}
      options={known.map((item) => ({ value: item.id, label: label(item) }))}
    />
  )
}
