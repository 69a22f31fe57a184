/** The auditor's page: how it stands with the log, its entries by what they say, and evidence to take away. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, DatePicker, Empty, Input, Select, Table, type TableColumnsType, Tabs } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { auditQuery, auditStatusQuery } from '../api/queries'
import type { AccountView, AuditEntry, AuditFilter } from '../api/types'
import { Dossier } from '../audit/Dossier'
import { Entry } from '../audit/Entry'
import { named, useAccounts } from '../audit/people'
import { Status } from '../audit/Status'
import { ACTIONS, VERDICTS } from '../audit/words'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/audit')

function Verdict({ verdict }: { verdict: string }) {
  const [word, tone] = VERDICTS[verdict] ?? [verdict, 'tag-quiet']
  return <span className={`tag ${tone}`}>{word}</span>
}

function columns(accounts: readonly AccountView[], onOpen: (index: number) => void): TableColumnsType<AuditEntry> {
  return [
    {
      title: '序号',
      dataIndex: 'index',
      width: 84,
      render: (index: number) => (
        <Button type="link" size="small" className="code" aria-label={`查看日志第 ${index} 条`} onClick={() => onOpen(index)}>
          {index}
        </Button>
      ),
    },
    { title: '时间', dataIndex: 'at', width: 142, render: (at: string) => dateTime(at) },
    { title: '主体', dataIndex: 'actor', width: 250, render: (actor: string) => <span className="break" title={actor}>{named(actor, accounts)}</span> },
    { title: '动作', dataIndex: 'action', width: 104 },
    { title: '结论', dataIndex: 'verdict', width: 76, render: (verdict: string) => <Verdict verdict={verdict} /> },
    { title: '对象', dataIndex: 'target', render: (target: string) => <span className="code break">{target}</span> },
    { title: '目的', dataIndex: 'purpose', width: 216 },
  ]
}

/** What is looked for. Typed fields are taken with Enter or when they are left, so that not each letter is a search in the log. */
function Filters({ filter, accounts, onChange }: { filter: AuditFilter; accounts: readonly AccountView[]; onChange: (filter: AuditFilter) => void }) {
  const typed = (field: 'record' | 'purpose', label: string, hint: string) => (
    <div className="field">
      <label htmlFor={`audit-${field}`}>{label}</label>
      <Input
        id={`audit-${field}`}
        key={filter[field] ?? ''}
        allowClear
        placeholder={hint}
        defaultValue={filter[field] ?? ''}
        onPressEnter={(event) => onChange({ ...filter, [field]: event.currentTarget.value.trim() || undefined })}
        onBlur={(event) => {
          const value = event.target.value.trim() || undefined
          if (value !== (filter[field] ?? undefined)) onChange({ ...filter, [field]: value })
        }}
      />
    </div>
  )
  // Packs and the host's own jobs act too: who knows how the log writes them looks for them as typed.
  const [searched, setSearched] = useState('')
  const typedActor = /^(duty|system):\S/.test(searched.trim()) ? [{ value: searched.trim(), label: `日志原文 ${searched.trim()}` }] : []
  const chosen = (field: 'action' | 'verdict', label: string, options: { value: string; label: string }[]) => (
    <div className="field">
      <label htmlFor={`audit-${field}`}>{label}</label>
      <Select id={`audit-${field}`} allowClear placeholder="全部" value={filter[field] ?? null} onChange={(value: string | null) => onChange({ ...filter, [field]: value ?? undefined })} options={options} />
    </div>
  )
  return (
    <div className="fields fields-fit">
      <div className="field">
        <label htmlFor="audit-actor">主体</label>
        <Select
          id="audit-actor"
          allowClear
          showSearch={{ optionFilterProp: 'label', onSearch: setSearched }}
          placeholder="姓名、账号，或 duty:插件名"
          value={filter.actor ?? null}
          onChange={(actor: string | null) => onChange({ ...filter, actor: actor ?? undefined })}
          options={[...typedActor, ...accounts.map(({ person, name, login, unit_name }) => ({ value: person, label: `${name} ${login}（${unit_name}）` }))]}
        />
      </div>
      {typed('record', '记录', '触及或服务的记录编号')}
      {chosen(
        'action',
        '动作',
        ACTIONS.map(([value, label]) => ({ value, label })),
      )}
      {chosen(
        'verdict',
        '结论',
        Object.entries(VERDICTS).map(([value, [label]]) => ({ value, label })),
      )}
      {typed('purpose', '目的', '目的代码，如 handle')}
      <div className="field">
        <label htmlFor="audit-from">时间</label>
        <DatePicker.RangePicker
          id={{ start: 'audit-from', end: 'audit-until' }}
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          allowEmpty={[true, true]}
          value={[filter.from ? dayjs(filter.from) : null, filter.until ? dayjs(filter.until) : null]}
          onChange={(span) => onChange({ ...filter, from: span?.[0]?.format(), until: span?.[1]?.format() })}
        />
      </div>
    </div>
  )
}

function Entries() {
  const [filter, setFilter] = useState<AuditFilter>({})
  const [open, setOpen] = useState<number | null>(null)
  const accounts = useAccounts()
  const log = useInfiniteQuery(auditQuery(filter))
  const first = log.data?.pages[0]
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? []
  return (
    <>
      <Panel>
        <Filters filter={filter} accounts={accounts} onChange={setFilter} />
      </Panel>
      <Loaded query={{ data: first, error: log.error, isPending: log.isPending, refetch: () => void log.refetch() }}>
        {() => (
          <Panel flush>
            <Table<AuditEntry>
              size="small"
              rowKey="index"
              columns={columns(accounts, setOpen)}
              dataSource={entries}
              pagination={false}
              scroll={{ x: 1080 }}
              tableLayout="fixed"
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有符合的条目" /> }}
            />
            <div className="records-foot">
              <span>已列出 {entries.length} 条</span>
              {log.hasNextPage && (
                <Button size="small" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                  再列 100 条
                </Button>
              )}
            </div>
          </Panel>
        )}
      </Loaded>
      {open !== null && <Entry index={open} onClose={() => setOpen(null)} />}
    </>
  )
}

function Standing() {
  const status = useQuery(auditStatusQuery)
  return <Loaded query={status}>{(found) => <Status status={found} />}</Loaded>
}

export function Audit() {
  const { tab = 'entries' } = route.useSearch()
  const navigate = route.useNavigate()
  const items = [
    { key: 'entries', label: '日志条目', children: <div className="stack"><Entries /></div> },
    { key: 'status', label: '完整性与见证', children: <div className="stack"><Standing /></div> },
    { key: 'dossier', label: '证据卷宗', children: <Dossier /> },
  ]
  return (
    <div className="page">
      <h1 className="page-title">审计</h1>
      <Tabs activeKey={tab} items={items} onChange={(key) => void navigate({ search: { tab: key }, replace: true })} />
    </div>
  )
}
