/** A person's own page: who looked, what is held, what was asked for. Plain words; nothing of the staff's tools. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { App, Button, Empty, Input, Radio, Table, type TableColumnsType, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { ownAccessesQuery, ownDataQuery, ownRequestsQuery } from '../api/queries'
import type { AccessItem } from '../api/types'
import { HeldData, save } from '../persons/Held'
import { RequestCard } from '../persons/Request'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/me')

/** What one may ask for, in a person's words. */
const RIGHTS: [string, string, string][] = [
  ['access', '查阅、复制', '想要一份中心保存的我的资料'],
  ['correct', '更正、补充', '资料有错或者不全'],
  ['delete', '删除', '不应当再保存我的资料'],
  ['explain', '说明决定', '想知道一个决定是怎样作出的'],
  ['stop', '停止或限制处理', '不同意继续使用我的资料'],
  ['complain', '投诉', '对处理我的资料的做法有意见'],
]

function Proof({ position }: { position: number }) {
  const fetched = useMutation({
    mutationFn: () => call(api.GET('/api/v1/me/accesses/{position}/proof', { params: { path: { position } }, parseAs: 'text' })),
    onSuccess: (text) => save(`查阅证明-${position}.tlog-proof`, text, 'text/plain'),
  })
  return (
    <Button size="small" loading={fetched.isPending} danger={fetched.isError} onClick={() => fetched.mutate()}>
      {fetched.isError ? '重试' : '证明'}
    </Button>
  )
}

const COLUMNS: TableColumnsType<AccessItem> = [
  { title: '时间', dataIndex: 'at', width: 142, render: (at: string) => dateTime(at) },
  { title: '单位和岗位', dataIndex: 'who', width: 230 },
  {
    title: '做了什么',
    key: 'what',
    width: 210,
    render: (_, { what, items, left }) => (
      <>
        {what}
        {left && <span className="tag tag-policy">向外提供</span>}
        <div className="dim">{items.join('、')}</div>
      </>
    ),
  },
  {
    title: '为了什么',
    key: 'purpose',
    render: (_, { purpose, deferred }) => (
      <>
        {purpose}
        {deferred && <div className="dim">{deferred}</div>}
      </>
    ),
  },
  { title: '经过', dataIndex: 'pack', width: 150, render: (pack: string | null) => pack ?? '—' },
  { title: '', key: 'proof', width: 84, className: 'no-print', render: (_, { position }) => <Proof position={position} /> },
]

function Looks() {
  const looks = useInfiniteQuery(ownAccessesQuery)
  const items = looks.data?.pages.flatMap((page) => page.items)
  return (
    <Panel title="谁看过我的数据" flush>
      <div className="flush-pad">
        <p className="dim">
          每一次查看和使用都会自动记录，任何岗位、任何插件都不能绕过。这里写明单位和岗位，不写工作人员姓名；对某次查看有疑问，可以提出投诉，由审计员核查到人。“证明”可以交给任何人核对这条记录确实在日志里。
        </p>
      </div>
      <Loaded query={{ data: items, error: looks.error, isPending: looks.isPending, refetch: () => void looks.refetch() }}>
        {(list) => (
          <>
            <Table<AccessItem> size="small" rowKey="position" columns={COLUMNS} dataSource={list} pagination={false} scroll={{ x: 980 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有人看过您的数据" /> }} />
            {looks.hasNextPage && (
              <div className="records-foot">
                <Button loading={looks.isFetchingNextPage} onClick={() => void looks.fetchNextPage()}>
                  更早的记录
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function Ask({ about, onDone }: { about?: string; onDone: () => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [right, setRight] = useState(about ? 'explain' : 'access')
  const [wish, setWish] = useState('')
  const ask = useMutation({
    mutationFn: () => call(api.POST('/api/v1/me/requests', { body: { right, wish: wish.trim(), about: right === 'explain' ? about : undefined } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['own-requests'] })
      setWish('')
      void message.success('已提出，请在这里查看办理情况')
      onDone()
    },
  })
  return (
    <Panel title="提出请求">
      <div className="stack">
        <Radio.Group
          aria-label="请求的种类"
          className="rights"
          value={right}
          onChange={(event) => setRight(event.target.value as string)}
          options={RIGHTS.map(([value, title, hint]) => ({
            value,
            label: (
              <>
                {title} <span className="dim">{hint}</span>
              </>
            ),
          }))}
        />
        {about && right === 'explain' && <p className="dim">说明的决定：{about}</p>}
        <label className="field">
          <span className="field-label">请写明您的要求</span>
          <Input.TextArea rows={4} maxLength={4000} showCount value={wish} onChange={(event) => setWish(event.target.value)} />
        </label>
        <p className="dim">依据个人信息保护法第44条至第50条。不予办理的，会写明理由和您可以采取的救济途径。未满十四周岁的，由监护人持证件到窗口提出。</p>
        {ask.error && <ProblemNote error={ask.error} />}
        <div>
          <Button type="primary" disabled={!wish.trim()} loading={ask.isPending} onClick={() => ask.mutate()}>
            提出
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function Mine({ about }: { about?: string }) {
  const requests = useQuery(ownRequestsQuery)
  const [explained, setExplained] = useState(about)
  return (
    <div className="stack">
      <Ask key={explained ?? ''} about={explained} onDone={() => setExplained(undefined)} />
      <Panel title="我的请求">
        <Loaded query={requests}>
          {(list) =>
            list.length === 0 ? (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有提出过请求" />
            ) : (
              <ul className="requests">
                {list.map((request) => (
                  <RequestCard key={request.id} request={request} desk={false} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}

function Held({ onExplain }: { onExplain: (decision: string) => void }) {
  const data = useQuery(ownDataQuery)
  return <Loaded query={data}>{(held) => <HeldData data={held} onExplain={onExplain} />}</Loaded>
}

export function Me() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const [about, setAbout] = useState<string>()
  const go = (to: string) => void navigate({ search: { tab: to === 'looks' ? undefined : to }, replace: true })
  return (
    <div className="page">
      <h1 className="page-title">我的数据</h1>
      <Tabs
        activeKey={tab ?? 'looks'}
        onChange={go}
        items={[
          { key: 'looks', label: '谁看过', children: <Looks /> },
          {
            key: 'data',
            label: '我的资料',
            children: (
              <Held
                onExplain={(decision) => {
                  setAbout(decision)
                  go('requests')
                }}
              />
            ),
          },
          { key: 'requests', label: '我的请求', children: <Mine key={about ?? ''} about={about} /> },
        ]}
        destroyOnHidden
      />
    </div>
  )
}
