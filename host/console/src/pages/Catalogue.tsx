/** The catalogue of what is held: every attribute, its level and why it is collected; and re-grading, by two people. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Alert, Button, Empty, Input, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { catalogueQuery, sessionQuery } from '../api/queries'
import type { CatalogueItem, Relabel } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { DATA_LEVELS } from '../ui/words'

const route = getRouteApi('/shell/catalogue')

const PLACES: Record<string, string> = { facet: '档案', answer: '事项', form: '表单', topic: '事件' }
const TONES: Record<string, string> = { asked: 'tag-policy', agreed: 'tag-good', refused: 'tag-bad', withdrawn: 'tag-quiet' }

function matches(item: CatalogueItem, text: string): boolean {
  const all = [item.title, item.attribute, item.schema, item.schema_title, item.pack_title, item.publisher, item.purpose, item.ground, ...item.tags]
  return all.some((part) => part?.toLowerCase().includes(text))
}

/** Another level for one attribute. It is said what would be before it is proposed. */
function Propose({ item, onClose }: { item: CatalogueItem; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [level, setLevel] = useState<string>()
  const [ground, setGround] = useState('')
  const [checked, setChecked] = useState(false)
  const body = (dry_run: boolean) => ({ schema: item.schema, attribute: item.attribute, level: level ?? '', ground, dry_run })
  const tried = useMutation({ mutationFn: () => call(api.POST('/api/v1/catalogue/relabels', { body: body(true) })), onSuccess: () => setChecked(true) })
  return (
    <Confirm
      title={`调整“${item.title}”的级别`}
      okText="提出，等待另一人批准"
      said="已提出"
      whyNot={!level || level === item.level ? '请选择另一级别' : ground.trim() === '' ? '请写明依据和理由' : checked ? null : '请先核对'}
      onDo={() => call(api.POST('/api/v1/catalogue/relabels', { body: body(false) }))}
      onDone={() => queryClient.invalidateQueries({ queryKey: ['catalogue'] })}
      onClose={onClose}
    >
      <p>
        现为 {DATA_LEVELS[item.level] ?? item.level}
        {item.floor && `；法定最低 ${item.floor}`}。批准后立即在所有查阅中生效；调低须有依据（数据安全法第21条）。
      </p>
      <Select aria-label="调整为" className="full" placeholder="调整为" value={level} options={Object.entries(DATA_LEVELS).map(([value, label]) => ({ value, label }))} onChange={(to: string) => (setLevel(to), setChecked(false))} />
      <Input.TextArea aria-label="依据和理由" rows={3} maxLength={500} placeholder="依据和理由（必填）" value={ground} onChange={(event) => (setGround(event.target.value), setChecked(false))} />
      <div>
        <Button size="small" disabled={!level || ground.trim() === ''} loading={tried.isPending} onClick={() => tried.mutate()}>
          核对
        </Button>
        {checked && <span className="dim"> 可以提出</span>}
      </div>
      {tried.error && <ProblemNote error={tried.error} />}
    </Confirm>
  )
}

function RelabelSteps({ relabel, roles }: { relabel: Relabel; roles: readonly string[] }) {
  const queryClient = useQueryClient()
  const [open, setOpen] = useState<'agree' | 'refuse' | 'withdraw' | null>(null)
  const [reason, setReason] = useState('')
  if (relabel.state !== 'asked') return null
  const path = { params: { path: { id: relabel.id } } }
  const approves = roles.some((role) => role === 'access-approver' || role === 'privacy-officer') && !relabel.own
  const done = { onDone: () => queryClient.invalidateQueries({ queryKey: ['catalogue'] }), onClose: () => setOpen(null) }
  const what = `${relabel.schema} ${relabel.attribute}：${relabel.old} → ${relabel.new}`
  return (
    <span className="side-by-side">
      {approves && (
        <>
          <Button size="small" type="primary" onClick={() => setOpen('agree')}>
            同意
          </Button>
          <Button size="small" onClick={() => setOpen('refuse')}>
            不同意
          </Button>
        </>
      )}
      {relabel.own && (
        <Button size="small" onClick={() => setOpen('withdraw')}>
          撤回
        </Button>
      )}
      {open === 'agree' && (
        <Confirm title="同意调整级别" okText="同意" said="已同意" onDo={() => call(api.POST('/api/v1/catalogue/relabels/{id}/answer', { ...path, body: { agree: true, reason: '' } }))} {...done}>
          <p>{what}</p>
          <p>理由：{relabel.ground}</p>
        </Confirm>
      )}
      {open === 'refuse' && (
        <Confirm title="不同意调整级别" okText="不同意" said="已答复" danger whyNot={reason.trim() === '' ? '请写明理由' : null} onDo={() => call(api.POST('/api/v1/catalogue/relabels/{id}/answer', { ...path, body: { agree: false, reason } }))} {...done}>
          <p>{what}</p>
          <Input.TextArea aria-label="理由" rows={3} maxLength={500} placeholder="理由（必填）" value={reason} onChange={(event) => setReason(event.target.value)} />
        </Confirm>
      )}
      {open === 'withdraw' && (
        <Confirm title="撤回" okText="撤回" said="已撤回" onDo={() => call(api.POST('/api/v1/catalogue/relabels/{id}/withdraw', path))} {...done}>
          <p>{what}</p>
        </Confirm>
      )}
    </span>
  )
}

const history = (roles: readonly string[]): TableColumnsType<Relabel> => [
  { title: '数据项', key: 'item', render: (_, { schema, attribute }) => <span className="code break">{`${schema} ${attribute}`}</span> },
  { title: '调整', key: 'level', width: 120, render: (_, one) => `${one.old} → ${one.new}` },
  { title: '依据和理由', dataIndex: 'ground' },
  { title: '生效', key: 'since', width: 150, render: (_, { since }) => dateTime(since) },
  { title: '提出', key: 'asked', width: 170, render: (_, { asked_by, asked_at }) => `${asked_by || '—'} ${dateTime(asked_at)}` },
  { title: '批准', key: 'answered', width: 170, render: (_, { answered_by, answered_at, reason }) => (answered_at ? `${answered_by ?? '—'} ${dateTime(answered_at)}${reason ? `：${reason}` : ''}` : '—') },
  { title: '情况', key: 'state', width: 130, render: (_, { state, state_title }) => <span className={`tag ${TONES[state] ?? 'tag-quiet'}`}>{state_title}</span> },
  { title: '', key: 'steps', width: 150, render: (_, relabel) => <RelabelSteps relabel={relabel} roles={roles} /> },
]

const columns = (onPropose: ((item: CatalogueItem) => void) | null): TableColumnsType<CatalogueItem> => [
  {
    title: '数据项',
    key: 'title',
    width: 190,
    render: (_, { title, attribute, again }) => (
      <>
        {title}
        <div className="code dim break">{attribute}</div>
        {again && <div className="dim">重复采集：{again}</div>}
      </>
    ),
  },
  { title: '所在', key: 'schema', width: 190, render: (_, { place, schema_title, schema }) => <span title={schema}>{`${PLACES[place] ?? place}：${schema_title}`}</span> },
  {
    title: '级别',
    key: 'level',
    width: 110,
    render: (_, { level, declared, floor }) => (
      <>
        <span className={`tag ${level === 'L1' || level === 'L2' ? 'tag-quiet' : level === 'L3' ? 'tag-policy' : 'tag-bad'}`}>{level}</span>
        {level !== declared && <div className="dim">声明为 {declared}</div>}
        {floor && <div className="dim">法定最低 {floor}</div>}
      </>
    ),
  },
  { title: '标签', key: 'tags', width: 130, render: (_, { tags }) => tags.join('、') || '—' },
  { title: '遮蔽方式', dataIndex: 'mask', width: 110 },
  { title: '处理目的与依据', key: 'purpose', render: (_, { purpose, ground }) => [purpose, ground].filter(Boolean).join('；') || '—' },
  { title: '保存期限', key: 'retention', width: 96, render: (_, { retention }) => retention ?? '—' },
  ...(onPropose ? [{ title: '', key: 'steps', width: 96, render: (_: unknown, item: CatalogueItem) => <Button size="small" onClick={() => onPropose(item)}>调整级别</Button> }] : []),
]

/** What one pack collects: who does is said once, above its rows. */
function Collected({ items, onPropose }: { items: CatalogueItem[]; onPropose: ((item: CatalogueItem) => void) | null }) {
  const [first] = items
  return (
    <Panel title={`${first?.pack_title}（${items.length} 项）`} flush>
      <p className="catalogue-who dim">采集单位：{first?.publisher}</p>
      <Table<CatalogueItem>
        size="small"
        rowKey={({ schema, attribute }) => `${schema}/${attribute}`}
        columns={columns(onPropose)}
        dataSource={items}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false }}
        scroll={{ x: 1000 }}
      />
    </Panel>
  )
}

export function Catalogue() {
  const { q, level } = route.useSearch()
  const navigate = route.useNavigate()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const catalogue = useQuery(catalogueQuery)
  const [chosen, setChosen] = useState<CatalogueItem | null>(null)
  const text = (q ?? '').trim().toLowerCase()
  return (
    <div className="page">
      <h1 className="page-title">数据目录</h1>
      <Alert type="info" showIcon title="每个插件收集的每一项数据，都写明级别、目的、依据和保存期限；缺少的不能安装，本中心已有的不得重复采集（条例第四十四条；数据安全法第21条）。级别由安全管理员提出、另一人批准后调整，不得低于法定最低级别。" />
      <Loaded query={catalogue}>
        {({ items, relabels }) => {
          const found = items.filter((item) => (!level || item.level === level) && (text === '' || matches(item, text)))
          const packs = [...new Set(found.map(({ pack }) => pack))]
          return (
            <>
              <Panel flush>
                <div className="filters" role="search">
                  <Input.Search className="catalogue-search" aria-label="检索数据项" allowClear placeholder="名称、属性、部门、目的、依据、标签" defaultValue={q} onSearch={(to) => void navigate({ search: (old) => ({ ...old, q: to || undefined }), replace: true })} />
                  <Select aria-label="级别" allowClear className="filter-wide" placeholder="全部级别" value={level} options={Object.entries(DATA_LEVELS).map(([value, label]) => ({ value, label }))} onChange={(to?: string) => void navigate({ search: (old) => ({ ...old, level: to }), replace: true })} />
                  <span className="dim">
                    {found.length} 项{found.length < items.length && `，共 ${items.length} 项`}
                  </span>
                </div>
                {found.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={items.length === 0 ? '还没有安装插件' : '没有符合的数据项'} />}
              </Panel>
              {packs.map((pack) => (
                <Collected key={pack} items={found.filter((item) => item.pack === pack)} onPropose={session.roles.includes('security') ? setChosen : null} />
              ))}
              <Panel title="级别调整的历史" flush>
                <Table<Relabel> size="small" rowKey="id" columns={history(session.roles)} dataSource={relabels} pagination={false} scroll={{ x: 1100 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有调整过级别" /> }} />
              </Panel>
              {chosen && <Propose item={chosen} onClose={() => setChosen(null)} />}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}
