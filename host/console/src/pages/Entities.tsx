import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Select, type TableColumnsType } from 'antd'
import { useCallback } from 'react'
import { entitiesQuery, interfaceQuery } from '../api/queries'
import type { EntityItem } from '../api/types'
import { Panel } from '../ui/Panel'
import { RecordTable } from '../ui/RecordTable'
import { SearchBox } from '../ui/SearchBox'
import { usePages } from '../ui/usePages'
import { kindTitle } from '../ui/words'

const route = getRouteApi('/shell/entities')

const COLUMNS: TableColumnsType<EntityItem> = [
  {
    title: '名称',
    key: 'name',
    render: (_, item) => (
      <Link to="/entities/$id" params={{ id: item.id }} className="cell-title">
        {item.name}
      </Link>
    ),
  },
  { title: '档案', key: 'facets', width: 300, ellipsis: true, render: (_, item) => item.facets_shown.join('、') || <span className="dim">没有您可以查看的档案</span> },
  { title: '类别', key: 'kind', width: 100, render: (_, item) => <span className="tag tag-stage">{kindTitle(item.kind)}</span> },
  { title: '属地', dataIndex: 'division_name', width: 160 },
]

export function Entities() {
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const declared = useQuery(interfaceQuery)
  const list = usePages<EntityItem>(entitiesQuery(filter))
  const set = useCallback((part: Partial<typeof filter>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true }), [navigate])
  const search = useCallback((q: string | undefined) => set({ q }), [set])
  const open = useCallback((item: EntityItem) => void navigate({ to: '/entities/$id', params: { id: item.id } }), [navigate])
  const filtered = Object.values(filter).some(Boolean)
  return (
    <div className="page">
      <h1 className="page-title">实体档案</h1>
      <Panel flush>
        <div className="filters" role="search">
          <SearchBox value={filter.q} placeholder="名称开头" onSearch={search} />
          <Select
            allowClear
            aria-label="类别"
            placeholder="类别"
            value={filter.kind ?? null}
            onChange={(kind: string | null) => set({ kind: kind ?? undefined })}
            options={['person', 'organisation', 'place', 'thing'].map((value) => ({ value, label: kindTitle(value) }))}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label="档案"
            placeholder="带有档案"
            className="filter-wide"
            value={filter.facet ?? null}
            onChange={(facet: string | null) => set({ facet: facet ?? undefined })}
            options={declared.data?.facets.map(({ name, title }) => ({ value: name, label: title })) ?? []}
          />
          {filtered && (
            <Button type="link" onClick={() => void navigate({ search: {}, replace: true })}>
              清除条件
            </Button>
          )}
        </div>
        <RecordTable label="实体列表" list={list} columns={COLUMNS} onOpen={open} none={filtered ? '没有符合条件的实体，可换个名称开头再查' : '您的管辖范围内还没有实体'} />
      </Panel>
    </div>
  )
}
