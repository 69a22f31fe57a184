/** A person's own page: who looked, what is held, what was asked for. Plain words; nothing of the staff's tools. */
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Empty, Table, type TableColumnsType, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { ownAccessesQuery, ownDataQuery, ownRequestsQuery, wardsQuery } from '../api/queries'
import type { AccessItem, Ward } from '../api/types'
import { Ask } from '../persons/Ask'
import { HeldData, save } from '../persons/Held'
import { RequestCard } from '../persons/Request'
import { Whose } from '../persons/Whose'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/me')

function Proof({ position, ward }: { position: number; ward?: string }) {
  const fetched = useMutation({
    mutationFn: () => call(api.GET('/api/v1/me/accesses/{position}/proof', { params: { path: { position }, query: { ward } }, parseAs: 'text' })),
    onSuccess: (text) => save(`查阅证明-${position}.tlog-proof`, text, 'text/plain'),
  })
  return (
    <Button size="small" loading={fetched.isPending} danger={fetched.isError} onClick={() => fetched.mutate()}>
      {fetched.isError ? '重试' : '证明'}
    </Button>
  )
}

const columns = (ward?: string): TableColumnsType<AccessItem> => [
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
  { title: '', key: 'proof', width: 84, className: 'no-print', render: (_, { position }) => <Proof position={position} ward={ward} /> },
]

function Looks({ ward }: { ward?: Ward }) {
  const looks = useInfiniteQuery(ownAccessesQuery(ward?.link))
  const items = looks.data?.pages.flatMap((page) => page.items)
  return (
    <Panel title={ward ? `谁看过 ${ward.name} 的数据` : '谁看过我的数据'} flush>
      <div className="flush-pad">
        <p className="dim">
          每一次查看和使用都会自动记录，任何岗位、任何插件都不能绕过。这里写明单位和岗位，不写工作人员姓名；对某次查看有疑问，可以提出投诉，由审计员核查到人。“证明”可以交给任何人核对这条记录确实在日志里。
          {ward && '为保护未成年人，监护人在这里查到的是可以告知的事项中的查看；其他的可以提出查阅请求，由个人信息保护负责人核对后答复。'}
        </p>
      </div>
      <Loaded query={{ data: items, error: looks.error, isPending: looks.isPending, refetch: () => void looks.refetch() }}>
        {(list) => (
          <>
            <Table<AccessItem> size="small" rowKey="position" columns={columns(ward?.link)} dataSource={list} pagination={false} scroll={{ x: 980 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={ward ? '没有可以在这里查到的查看记录' : '还没有人看过您的数据'} /> }} />
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

function Mine({ about, ward }: { about?: string; ward?: Ward }) {
  const requests = useQuery(ownRequestsQuery(ward?.link))
  const [explained, setExplained] = useState(about)
  return (
    <div className="stack">
      <Ask key={explained ?? ''} about={explained} ward={ward} onDone={() => setExplained(undefined)} />
      <Panel title={ward ? `为 ${ward.name} 提出的请求` : '我的请求'}>
        <Loaded query={requests}>
          {(list) =>
            list.length === 0 ? (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有提出过请求" />
            ) : (
              <ul className="requests">
                {list.map((request) => (
                  <RequestCard key={request.id} request={request} desk={false} ward={ward?.link} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}

function Held({ ward, onExplain }: { ward?: Ward; onExplain: (decision: string) => void }) {
  const data = useQuery(ownDataQuery(ward?.link))
  return <Loaded query={data}>{(held) => <HeldData data={held} onExplain={onExplain} />}</Loaded>
}

/** One's own, or a child's: changing between them begins anew. */
function Tables({ ward }: { ward?: Ward }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const [about, setAbout] = useState<string>()
  const go = (to: string) => void navigate({ search: { tab: to === 'looks' ? undefined : to, ward: ward?.link }, replace: true })
  return (
    <Tabs
      activeKey={tab ?? 'looks'}
      onChange={go}
      items={[
        { key: 'looks', label: '谁看过', children: <Looks ward={ward} /> },
        {
          key: 'data',
          label: ward ? '保存的资料' : '我的资料',
          children: (
            <Held
              ward={ward}
              onExplain={(decision) => {
                setAbout(decision)
                go('requests')
              }}
            />
          ),
        },
        { key: 'requests', label: ward ? '提出的请求' : '我的请求', children: <Mine key={about ?? ''} about={about} ward={ward} /> },
      ]}
      destroyOnHidden
    />
  )
}

export function Me() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const wards = useQuery(wardsQuery)
  return (
    <div className="page">
      <h1 className="page-title">我的数据</h1>
      <Loaded query={wards}>
        {(list) => {
          // A link that ended meanwhile leads back to oneself.
          const ward = list.find(({ link }) => link === search.ward)
          return (
            <div className="stack">
              {list.length > 0 && <Whose wards={list} chosen={ward?.link} onChoose={(link) => void navigate({ search: { tab: search.tab, ward: link } })} />}
              <Tables key={ward?.link ?? ''} ward={ward} />
            </div>
          )
        }}
      </Loaded>
    </div>
  )
}
