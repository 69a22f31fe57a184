import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Select, type TableColumnsType } from 'antd'
import { useCallback } from 'react'
import { interfaceQuery, risksQuery } from '../api/queries'
import type { RiskItem, RiskLevel } from '../api/types'
import { LightCell } from '../ui/Light'
import { Panel } from '../ui/Panel'
import { EntityLink } from '../ui/RecordLink'
import { RecordTable } from '../ui/RecordTable'
import { LevelTag, StageTag } from '../ui/Tags'
import { usePages } from '../ui/usePages'
import { LEVELS, RISK_STAGES } from '../ui/words'

const route = getRouteApi('/shell/risks')

const COLUMNS: TableColumnsType<RiskItem> = [
  {
    title: '等级',
    key: 'level',
    width: 104,
    render: (_, item) => (item.level ? <LevelTag level={item.level} /> : <LevelTag level={item.advised} advised />),
  },
  {
    title: '风险',
    key: 'title',
    render: (_, item) => (
      <Link to="/risks/$id" params={{ id: item.id }} className="cell-title">
        {item.title}
      </Link>
    ),
  },
  {
    title: '所在',
    key: 'subject',
    width: 196,
    render: (_, item) => <EntityLink entity={item.subject} />,
  },
  { title: '类型', dataIndex: 'type_title', width: 112 },
  { title: '环节', key: 'stage', width: 88, render: (_, item) => <StageTag stage={item.stage} /> },
  { title: '时限', key: 'light', width: 116, render: (_, item) => <LightCell light={item.light} /> },
  { title: '责任单位', dataIndex: 'unit_name', width: 152 },
  { title: '属地', dataIndex: 'division_name', width: 100 },
]

export function Risks() {
  const filter = route.useSearch()
  const navigate = route.useNavigate()
  const declared = useQuery(interfaceQuery)
  const list = usePages<RiskItem>(risksQuery(filter))
  const set = (part: Partial<typeof filter>) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true })
  const open = useCallback((item: RiskItem) => void navigate({ to: '/risks/$id', params: { id: item.id } }), [navigate])
  const filtered = Object.values(filter).some(Boolean)
  return (
    <div className="page">
      <h1 className="page-title">风险清单</h1>
      <Panel flush>
        <div className="filters" role="search">
          <Select
            allowClear
            aria-label="等级"
            placeholder="等级"
            value={filter.level ?? null}
            onChange={(level: RiskLevel | null) => set({ level: level ?? undefined })}
            options={Object.entries(LEVELS).map(([value, label]) => ({ value: value as RiskLevel, label }))}
          />
          <Select
            allowClear
            aria-label="环节"
            placeholder="环节"
            value={filter.stage ?? null}
            onChange={(stage: string | null) => set({ stage: stage ?? undefined })}
            options={RISK_STAGES.map(([value, label]) => ({ value, label }))}
          />
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            aria-label="风险类型"
            placeholder="风险类型"
            className="filter-wide"
            value={filter.type ?? null}
            onChange={(type: string | null) => set({ type: type ?? undefined })}
            options={declared.data?.risk_types.map(({ type, title }) => ({ value: type, label: title })) ?? []}
          />
          {filtered && (
            <Button type="link" onClick={() => void navigate({ search: {}, replace: true })}>
              清除条件
            </Button>
          )}
        </div>
        <RecordTable label="风险清单" search={false} list={list} columns={COLUMNS} onOpen={open} none={filtered ? '没有符合条件的风险，可放宽条件再查' : '您的管辖范围内还没有列出的风险'} />
      </Panel>
    </div>
  )
}
