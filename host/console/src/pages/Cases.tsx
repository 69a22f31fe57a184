import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Select, type TableColumnsType } from 'antd'
import { useCallback } from 'react'
import { casesQuery, interfaceQuery } from '../api/queries'
import type { CaseItem, LightState } from '../api/types'
import { LightCell } from '../ui/Light'
import { Panel } from '../ui/Panel'
import { RecordTable } from '../ui/RecordTable'
import { SearchBox } from '../ui/SearchBox'
import { StageTag } from '../ui/Tags'
import { shortTime } from '../ui/time'
import { usePages } from '../ui/usePages'
import { CASE_STAGES, LIGHTS } from '../ui/words'

const route = getRouteApi('/shell/cases')

const COLUMNS: TableColumnsType<CaseItem> = [
  { title: '时限', key: 'light', width: 132, render: (_, item) => <LightCell light={item.light} /> },
  {
    title: '事项',
    key: 'title',
    render: (_, item) => (
      <Link to="/cases/$id" params={{ id: item.id }} className="cell-title" title={item.title}>
        {item.title}
      </Link>
    ),
  },
  { title: '编号', dataIndex: 'code', width: 192, render: (code: string) => <span className="code nowrap">{code}</span> },
  { title: '类型', dataIndex: 'matter_title', width: 132 },
  { title: '环节', key: 'stage', width: 96, render: (_, item) => <StageTag stage={item.stage} substage={item.substage} /> },
  { title: '承办单位', dataIndex: 'unit_name', width: 152 },
  { title: '属地', dataIndex: 'division_name', width: 100 },
  { title: '登记', dataIndex: 'opened_at', width: 100, render: (at: string) => <span className="dim">{shortTime(at)}</span> },
]

export function Cases() {
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const declared = useQuery(interfaceQuery)
  const list = usePages<CaseItem>(casesQuery(filter))
  const set = useCallback((part: Partial<typeof filter>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true }), [navigate])
  const search = useCallback((q: string | undefined) => set({ q }), [set])
  const open = useCallback((item: CaseItem) => void navigate({ to: '/cases/$id', params: { id: item.id } }), [navigate])
  const filtered = Object.values(filter).some(Boolean)
  return (
    <div className="page">
      <h1 className="page-title">案件</h1>
      <Panel flush>
        <div className="filters" role="search">
          <SearchBox value={filter.q} placeholder="编号，或标题开头" onSearch={search} />
          <Select
            allowClear
            aria-label="时限"
            placeholder="时限"
            value={filter.light ?? null}
            onChange={(light: LightState | null) => set({ light: light ?? undefined })}
            options={Object.entries(LIGHTS).map(([value, label]) => ({ value: value as LightState, label }))}
          />
          <Select
            allowClear
            aria-label="环节"
            placeholder="环节"
            value={filter.stage ?? null}
            onChange={(stage: string | null) => set({ stage: stage ?? undefined })}
            options={CASE_STAGES.map(([value, label]) => ({ value, label }))}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label="事项类型"
            placeholder="事项类型"
            className="filter-wide"
            value={filter.matter ?? null}
            onChange={(matter: string | null) => set({ matter: matter ?? undefined })}
            options={declared.data?.matters.map(({ type, title }) => ({ value: type, label: title })) ?? []}
          />
          {filtered && (
            <Button type="link" onClick={() => void navigate({ search: {}, replace: true })}>
              清除条件
            </Button>
          )}
        </div>
        <RecordTable
          label="案件列表"
          list={list}
          columns={COLUMNS}
          onOpen={open}
          none={filtered ? '没有符合条件的案件，可放宽条件再查' : '您的管辖范围内还没有案件'}
          rowClass={(item) => `row-${item.light.state}`}
        />
      </Panel>
    </div>
  )
}
