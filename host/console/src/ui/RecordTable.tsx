/** A list that is worked by keyboard: j and k move, Enter opens, / searches. The pages come as one goes down. */
import { Button, Empty, Table, type TableColumnsType } from 'antd'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { ProblemNote } from './Problem'

interface Listed<T> {
  items: T[]
  isPending: boolean
  error: unknown
  refetch: () => unknown
  hasNextPage: boolean
  isFetchingNextPage: boolean
  fetchNextPage: () => unknown
}

interface RecordTableProps<T extends { id: string }> {
  label: string
  list: Listed<T>
  columns: TableColumnsType<T>
  onOpen: (item: T) => void
  none: ReactNode
  /** Whether the page has a search field. */
  search?: boolean
  rowClass?: (item: T) => string
  /** The least width that its columns need, in pixels; where there is less, it scrolls. */
  width?: number
}

/** Whether a key press belongs to a field that is being filled in, or to an open dialog. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true
  if (document.querySelector('.ant-modal-wrap:not([style*="display: none"]), .ant-drawer-open')) return true
  return target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName) || target.closest('[role="listbox"], [role="tablist"]') !== null)
}

/** The row that the keyboard is on: always one of the list, the first before anything has come. */
export function rowAt(wanted: number, count: number): number {
  return Math.max(0, Math.min(wanted, count - 1))
}

export function RecordTable<T extends { id: string }>({ label, list, columns, onOpen, none, search = true, rowClass, width = 1080 }: RecordTableProps<T>) {
  const [here, setHere] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const at = rowAt(here, list.items.length)

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (isTyping(event)) return
      if (event.key === 'j' || event.key === 'ArrowDown') {
        if (at + 1 >= list.items.length - 5 && list.hasNextPage && !list.isFetchingNextPage) list.fetchNextPage()
        setHere(rowAt(at + 1, list.items.length))
      } else if (event.key === 'k' || event.key === 'ArrowUp') setHere(rowAt(at - 1, list.items.length))
      else if (event.key === 'Enter' && !(event.target instanceof HTMLElement && event.target.closest('a, button'))) {
        const item = list.items[at]
        if (item) onOpen(item)
      } else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [at, list, onOpen])

  useEffect(() => {
    box.current?.querySelector('.row-here')?.scrollIntoView({ block: 'nearest' })
  }, [at])

  if (list.error && list.items.length === 0) return <ProblemNote error={list.error} onRetry={() => void list.refetch()} />
  return (
    <div ref={box} className="records" aria-label={label} role="region">
      <Table<T>
        size="small"
        rowKey="id"
        columns={columns}
        dataSource={list.items}
        loading={list.isPending}
        pagination={false}
        scroll={{ x: width }}
        tableLayout="fixed"
        locale={{ emptyText: list.isPending ? ' ' : <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={none} /> }}
        rowClassName={(item, index) => `${index === at ? 'row-here' : ''} ${rowClass?.(item) ?? ''}`}
        onRow={(item, index) => ({
          onClick: (event) => {
            setHere(index ?? 0)
            if (!(event.target as HTMLElement).closest('a, button')) onOpen(item)
          },
        })}
      />
      <div className="records-foot">
        <span>
          已列出 {list.items.length} 条{list.hasNextPage ? '，还有更多' : ''}
        </span>
        <span className="keys">
          <kbd>j</kbd>
          <kbd>k</kbd> 上下 <kbd>Enter</kbd> 打开
          {search && (
            <>
              {' '}
              <kbd>/</kbd> 查找
            </>
          )}
        </span>
        {list.hasNextPage && (
          <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            再列 50 条
          </Button>
        )}
      </div>
    </div>
  )
}
