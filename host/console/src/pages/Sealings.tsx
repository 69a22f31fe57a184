/** Sealed records: the keeper asks, another person agrees, supervisors see what was asked. No list of what is sealed is anywhere. */
import { useInfiniteQuery, useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, Button, Empty, Input, Radio, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { sealingsQuery, sessionQuery } from '../api/queries'
import type { Sealing, SealingPage } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const KINDS = [
  { value: 'seal', label: '封存' },
  { value: 'unseal', label: '解除封存' },
  { value: 'query', label: '依法查询封存记录' },
  { value: 'informant', label: '依法查询举报人' },
]
const WAYS = [
  { value: 'code', label: '案号' },
  { value: 'number', label: '居民身份证号码' },
  { value: 'record', label: '记录编号' },
]
const TONES: Record<string, string> = { asked: 'tag-policy', agreed: 'tag-good', refused: 'tag-bad', withdrawn: 'tag-quiet', settled: 'tag-quiet' }

interface Draft {
  kind: string
  by: string
  value: string
  purpose?: string
  ground: string
  article: string
  organ: string
  document: string
}

const EMPTY: Draft = { kind: 'query', by: 'code', value: '', ground: '', article: '', organ: '', document: '' }

function Text({ label, value, onChange, hint }: { label: string; value: string; onChange: (value: string) => void; hint?: string }) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <Input value={value} maxLength={500} placeholder={hint} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}

/** What the keeper asks. It is said what would go together before anything is asked. */
function Ask({ page }: { page: SealingPage }) {
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState<Draft>(EMPTY)
  const [plan, setPlan] = useState<string[] | null>(null)
  const looks = draft.kind === 'query' || draft.kind === 'informant'
  const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }))
  const { by, value, ...rest } = draft
  const body = (dry_run: boolean) => ({ ...rest, target: { by, value }, purpose: looks ? draft.purpose : undefined, dry_run })
  const tried = useMutation({ mutationFn: () => call(api.POST('/api/v1/sealings', { body: body(true) })), onSuccess: ({ covers }) => setPlan(covers) })
  const purpose = page.purposes.find(({ code }) => code === draft.purpose)
  const whyNot = value.trim() === '' ? '请先填写所指的记录' : looks && page.purposes.length === 0 ? '本中心没有设置依法查询的目的，请由管理员在配置中设置' : looks && !purpose ? '请选择查询目的' : null
  return (
    <Panel title="提出封存事项">
      <div className="stack">
        <Radio.Group aria-label="事项" optionType="button" options={KINDS} value={draft.kind} onChange={(event) => set({ kind: event.target.value as string })} />
        <div className="begin">
          <div className="field">
            <span className="field-label" id="sealing-by">
              按什么指定
            </span>
            <Select aria-labelledby="sealing-by" className="begin-version" options={WAYS} value={by} onChange={(to: string) => set({ by: to })} />
          </div>
          <Text label={WAYS.find((way) => way.value === by)?.label ?? ''} value={value} onChange={(to) => set({ value: to })} hint="须完整、准确；不支持模糊查询" />
          {looks && (
            <div className="field">
              <span className="field-label" id="sealing-purpose">
                查询目的
              </span>
              <Select aria-labelledby="sealing-purpose" className="begin-version" placeholder="选择法定目的" options={page.purposes.map(({ code, title }) => ({ value: code, label: title }))} value={draft.purpose} onChange={(to: string) => set({ purpose: to })} />
            </div>
          )}
        </div>
        {looks && purpose && (
          <p className="dim">
            依据：{purpose.article}。批准后 {page.hours} 小时内可查阅（本地政策），每次查阅都记入日志。
          </p>
        )}
        <div className="begin">
          <Text label="事由" value={draft.ground} onChange={(to) => set({ ground: to })} />
          {!looks && <Text label="依据条款" value={draft.article} onChange={(to) => set({ article: to })} hint="条款及条号" />}
          <Text label={looks ? '提出查询的机关' : '提出机关（可不填）'} value={draft.organ} onChange={(to) => set({ organ: to })} />
          <Text label={looks ? '文号' : '文号（可不填）'} value={draft.document} onChange={(to) => set({ document: to })} />
        </div>
        <div>
          <Button type="primary" disabled={whyNot !== null} loading={tried.isPending} onClick={() => tried.mutate()}>
            核对后提出…
          </Button>
        </div>
        {whyNot && <p className="offer-why">{whyNot}</p>}
        {tried.error && <ProblemNote error={tried.error} />}
        {plan && (
          <Confirm
            title={KINDS.find(({ value: kind }) => kind === draft.kind)?.label ?? ''}
            okText="提出，等待另一人批准"
            said="已提出"
            onDo={() => call(api.POST('/api/v1/sealings', { body: body(false) }))}
            onDone={async () => {
              setDraft({ ...EMPTY, kind: draft.kind })
              await queryClient.invalidateQueries({ queryKey: ['sealings'] })
            }}
            onClose={() => setPlan(null)}
          >
            <p>
              {WAYS.find((way) => way.value === by)?.label} <span className="code">{value.trim()}</span>
            </p>
            {looks ? <p>是否有符合的记录，要在另一人批准之后查阅时才知道。</p> : <p>一并办理：{plan.join('，')}。批准后立即生效：除依法查询外，任何人、任何插件都查不到这些记录。</p>}
          </Confirm>
        )}
      </div>
    </Panel>
  )
}

/** What somebody may do with one ask. */
function Steps({ sealing, roles }: { sealing: Sealing; roles: readonly string[] }) {
  const queryClient = useQueryClient()
  const [open, setOpen] = useState<'agree' | 'refuse' | 'withdraw' | 'settle' | null>(null)
  const [reason, setReason] = useState('')
  const [toUnsealed, setToUnsealed] = useState(true)
  const id = sealing.id
  const path = { params: { path: { id } } }
  const approves = roles.includes('access-approver') && sealing.state === 'asked' && !sealing.own
  const keeps = roles.includes('sealed-keeper')
  const done = { onDone: () => queryClient.invalidateQueries({ queryKey: ['sealings'] }), onClose: () => setOpen(null) }
  const what = `${sealing.kind_title}（${sealing.organ || sealing.asked_by}${sealing.document ? `，${sealing.document}` : ''}）`
  return (
    <span className="side-by-side">
      {keeps && sealing.own && sealing.open && (
        <Link to="/sealings/$id" params={{ id }}>
          查阅
        </Link>
      )}
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
      {keeps && sealing.own && (sealing.state === 'asked' || sealing.open) && (
        <Button size="small" onClick={() => setOpen('withdraw')}>
          {sealing.open ? '结束查询' : '撤回'}
        </Button>
      )}
      {keeps && sealing.kind === 'unseal' && sealing.state === 'agreed' && sealing.rivals > 0 && (
        <Button size="small" onClick={() => setOpen('settle')}>
          归一身份标识
        </Button>
      )}
      {open === 'agree' && (
        <Confirm title={`同意${sealing.kind_title}`} okText="同意" said="已同意" onDo={() => call(api.POST('/api/v1/sealings/{id}/answer', { ...path, body: { agree: true, reason: '' } }))} {...done}>
          <p>{what}</p>
          <p>
            事由：{sealing.ground}；依据：{sealing.article}
          </p>
          <p className="dim">所指的记录不在此显示，以免封存名单外泄；请按提出机关的文书核对。同意后立即生效，并以您的名义记入日志。</p>
        </Confirm>
      )}
      {open === 'refuse' && (
        <Confirm title={`不同意${sealing.kind_title}`} okText="不同意" said="已答复" danger whyNot={reason.trim() === '' ? '请写明理由' : null} onDo={() => call(api.POST('/api/v1/sealings/{id}/answer', { ...path, body: { agree: false, reason } }))} {...done}>
          <p>{what}</p>
          <Input.TextArea aria-label="理由" rows={3} maxLength={500} value={reason} placeholder="理由（必填）" onChange={(event) => setReason(event.target.value)} />
        </Confirm>
      )}
      {open === 'withdraw' && (
        <Confirm title={sealing.open ? '结束查询' : '撤回'} okText="确定" said="已办" onDo={() => call(api.POST('/api/v1/sealings/{id}/withdraw', path))} {...done}>
          <p>{what}。之后不能再据此查阅。</p>
        </Confirm>
      )}
      {open === 'settle' && (
        <Confirm title="归一身份标识" okText="确定" said="已归一" onDo={() => call(api.POST('/api/v1/sealings/{id}/settle', { ...path, body: { to_unsealed: toUnsealed } }))} {...done}>
          <p>封存期间有人用同一号码另建了档案（{sealing.rivals} 个号码）。两份档案都保留；请核对后确定今后按该号码查到哪一份。</p>
          <Radio.Group
            aria-label="按该号码查到"
            value={toUnsealed}
            onChange={(event) => setToUnsealed(event.target.value as boolean)}
            options={[
              { value: true, label: '解除封存的这一份' },
              { value: false, label: '封存期间新建的那一份' },
            ]}
          />
        </Confirm>
      )}
    </span>
  )
}

const columns = (roles: readonly string[]): TableColumnsType<Sealing> => [
  { title: '事项', key: 'kind', width: 128, render: (_, { kind_title, records }) => (records > 0 ? `${kind_title}（${records} 件记录）` : kind_title) },
  { title: '机关与文号', key: 'organ', width: 150, render: (_, { organ, document }) => [organ, document].filter(Boolean).join(' ') || '—' },
  { title: '目的与依据', key: 'purpose', render: (_, { purpose, article, ground }) => `${purpose ? `${purpose}；` : ''}${article}；${ground}` },
  { title: '提出', key: 'asked', width: 136, render: (_, { asked_by, asked_at }) => `${asked_by || '—'} ${dateTime(asked_at)}` },
  { title: '批准', key: 'answered', width: 136, render: (_, { answered_by, answered_at, reason }) => (answered_at ? `${answered_by ?? '—'} ${dateTime(answered_at)}${reason ? `：${reason}` : ''}` : '—') },
  {
    title: '情况',
    key: 'state',
    width: 138,
    render: (_, { state, state_title, until, open }) => (
      <>
        <span className={`tag ${TONES[state] ?? 'tag-quiet'}`}>{state_title}</span>
        {open && until && <div className="dim">至 {dateTime(until)}</div>}
      </>
    ),
  },
  { title: '', key: 'steps', width: 148, render: (_, sealing) => <Steps sealing={sealing} roles={roles} /> },
]

export function Sealings() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const list = useInfiniteQuery(sealingsQuery())
  const first = list.data?.pages[0]
  return (
    <div className="page">
      <h1 className="page-title">封存保管</h1>
      <Alert type="info" showIcon title="封存的记录对所有人、所有插件都如同不存在：列表、检索、统计、导出和报错中都没有。只有封存档案保管人可以为法定目的、凭机关文书、经另一人批准后，按确切的编号查阅一件；紧急访问也不能例外（条例第四十四条）。查询的目的及其条款由本中心配置。" />
      <Loaded query={{ data: first, error: list.error, isPending: list.isPending, refetch: () => void list.refetch() }}>
        {(page) => (
          <>
            {session.roles.includes('sealed-keeper') && <Ask page={page} />}
            <Panel title="封存事项" flush>
              <Table<Sealing>
                size="small"
                rowKey="id"
                columns={columns(session.roles)}
                dataSource={list.data?.pages.flatMap(({ items }) => items) ?? []}
                pagination={false}
                scroll={{ x: 1080 }}
                locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有封存、解除封存或依法查询的事项" /> }}
              />
              {list.hasNextPage && (
                <div className="records-foot">
                  <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                    再列 50 条
                  </Button>
                </div>
              )}
            </Panel>
          </>
        )}
      </Loaded>
    </div>
  )
}
