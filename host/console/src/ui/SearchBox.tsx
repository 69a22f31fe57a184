/** The search field of a list: `/` comes here, Enter or a short rest searches, Escape leaves. */
import { SearchOutlined } from '@ant-design/icons'
import { Input, type InputRef } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { isTyping } from './RecordTable'

interface SearchBoxProps {
  value: string | undefined
  placeholder: string
  onSearch: (text: string | undefined) => void
}

const REST_MS = 350

export function SearchBox({ value, placeholder, onSearch }: SearchBoxProps) {
  const [text, setText] = useState(value ?? '')
  const [composing, setComposing] = useState(false)
  const input = useRef<InputRef>(null)

  useEffect(() => setText(value ?? ''), [value])

  useEffect(() => {
    if (composing || text === (value ?? '')) return
    const timer = setTimeout(() => onSearch(text.trim() || undefined), REST_MS)
    return () => clearTimeout(timer)
  }, [text, composing, value, onSearch])

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== '/' || isTyping(event)) return
      event.preventDefault()
      input.current?.focus({ cursor: 'all' })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  return (
    <Input
      ref={input}
      allowClear
      aria-label={placeholder}
      className="search"
      prefix={<SearchOutlined />}
      placeholder={`${placeholder}（按 / 查找）`}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onCompositionStart={() => setComposing(true)}
      onCompositionEnd={() => setComposing(false)}
      onPressEnter={() => {
        onSearch(text.trim() || undefined)
        input.current?.blur()
      }}
      onKeyDown={(event) => event.key === 'Escape' && input.current?.blur()}
    />
  )
}
