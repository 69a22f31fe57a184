import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Empty, Table, type TableColumnsType, Tabs } from 'antd'
import { useState } from 'react'
import { sessionQuery, shareItemsQuery, sharesQuery } from '../api/queries'
import type { Share, ShareItem } from '../api/types'
import { AskDialog } from '../sharing/AskDialog'
import { PublishDialog } from '../sharing/PublishDialog'
import { nextStep, shareTone, waitsFor } from '../sharing/shares'
import { LightTag } from '../ui/Light'
import { Loaded, Panel } from '../ui/Panel'
import { BasisMark } from '../ui/Tags'
import { shortTime } from '../ui/time'
import { whyNotYours } from '../ui/words'

const route = getRouteApi('/shell/shares')

const COLUMNS: TableColumnsType<Share> = [
  {
    title: '共享',
    key: 'share',
    render: (_, share) => (
      <Link to="/shares/$id" params={{ id: share.id }}>
        {share.title}
      </Link>
    ),
  },
  { title: '提供', dataIndex: 'provider_name', width: 200 },
  { title: '使用', dataIndex: 'asking_name', width: 200 },
  { title: '级别', dataIndex: 'level', width: 70 },
  { title: '情况', key: 'state', width: 140, render: (_, share) => <span className={`tag ${shareTone(share.state)}`}>{share.state_title}</span> },
  { title: '下一步', key: 'next', width: 130, render: (_, share) => (nextStep(share) ? <strong>由您{nextStep(share)?.title}</strong> : (waitsFor(share) ?? '—')) },
  { title: '时限（本地政策）', key: 'light', width: 170, render: (_, share) => (share.light ? <LightTag light={share.light} /> : '—') },
  { title: '使用至', key: 'until', width: 110, render: (_, share) => shortTime(share.terms.until) },
  { title: '已读', key: 'used', width: 100, align: 'right', render: (_, share) => `${share.used}/${share.terms.max_rows}` },
]

function List({ shares, none }: { shares: Share[]; none: string }) {
  return <Table<Share> size="small" rowKey="id" columns={COLUMNS} dataSource={shares} pagination={false} scroll={{ x: 1200 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={none} /> }} />
}

/** Who asks: the server decides all the same. */
const ASKS = ['clerk', 'dispatcher', 'coordinator', 'handler']

function CatalogueTab() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const navigate = route.useNavigate()
  const catalogue = useQuery(shareItemsQuery)
  const [asked, setAsked] = useState<ShareItem | null>(null)
  const [publishing, setPublishing] = useState(false)
  const whyNot = (item: ShareItem) => (item.provider === session.unit.id ? '本单位自己的数据' : item.attribute === 'withheld' ? '不予共享' : whyNotYours(session.roles, ASKS))
  const columns: TableColumnsType<ShareItem> = [
    { title: '内容', dataIndex: 'title', width: 180 },
    { title: '数源单位', dataIndex: 'provider_name', width: 190 },
    { title: '数据项', key: 'fields', render: (_, item) => item.fields.map(({ title }) => title).join('、') },
    { title: '级别', dataIndex: 'level', width: 70 },
    { title: '共享属性', key: 'attribute', width: 120, render: (_, item) => <span className={`tag ${item.attribute === 'withheld' ? 'tag-bad' : item.attribute === 'unconditional' ? 'tag-good' : 'tag-stage'}`}>{item.attribute_title}</span> },
    { title: '条件或者依据', key: 'conditions', width: 220, render: (_, item) => (item.basis ? <BasisMark basis={item.basis} /> : item.conditions || '—') },
    { title: '方式', dataIndex: 'mode_title', width: 90 },
    {
      title: '',
      key: 'ask',
      width: 150,
      render: (_, item) => {
        const why = whyNot(item)
        return why ? (
          <span className="dim">{why}</span>
        ) : (
          <Button size="small" onClick={() => setAsked(item)}>
            申请
          </Button>
        )
      },
    },
  ]
  return (
    <Loaded query={catalogue}>
      {(data) => (
        <Panel
          flush
          title="各单位可以提供什么"
          extra={
            data.may_publish && (
              <Button size="small" type="primary" onClick={() => setPublishing(true)}>
                编制本单位的目录项
              </Button>
            )
          }
        >
          <Table<ShareItem> size="small" rowKey="id" columns={columns} dataSource={data.items} pagination={false} scroll={{ x: 1200 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="目录还是空的；由各单位负责人编制本单位的目录项" /> }} />
          {publishing && <PublishDialog catalogue={data} unit={session.unit.id} onClose={() => setPublishing(false)} />}
          {asked && <AskDialog item={asked} onAsked={({ share }) => void navigate({ to: '/shares/$id', params: { id: share.id } })} onClose={() => setAsked(null)} />}
        </Panel>
      )}
    </Loaded>
  )
}

export function Shares() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const shares = useQuery(sharesQuery)
  return (
    <div className="page">
      <h1 className="page-title">数据共享</h1>
      <p className="dim">
        跨单位使用数据须申请：本单位负责人内审，提供单位负责人答复，只在约定的范围和期限内使用，每次使用双方都能看到（重庆市平安建设条例 第44条）。
      </p>
      <Loaded query={shares}>
        {(list) => {
          const todo = list.filter((share) => nextStep(share))
          const given = list.filter(({ side }) => side === 'providing')
          const others = list.filter(({ side }) => side === 'third')
          const received = list.filter(({ side }) => side === 'asking')
          const first = todo.length > 0 ? 'todo' : list.length > 0 ? 'received' : 'catalogue'
          return (
            <Tabs
              activeKey={tab ?? first}
              onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
              destroyOnHidden
              items={[
                { key: 'todo', label: `待我办理 ${todo.length}`, children: <Panel flush><List shares={todo} none="没有等您办理的共享" /></Panel> },
                { key: 'received', label: `本单位申请的 ${received.length}`, children: <Panel flush><List shares={received} none="本单位还没有申请过；到“共享目录”选择要申请的内容" /></Panel> },
                { key: 'given', label: `本单位提供的 ${given.length}`, children: <Panel flush><List shares={given} none="还没有单位向本单位申请" /></Panel> },
                ...(others.length > 0 ? [{ key: 'others', label: `其他单位之间 ${others.length}`, children: <Panel flush><List shares={others} none="没有" /></Panel> }] : []),
                { key: 'catalogue', label: '共享目录', children: <CatalogueTab /> },
              ]}
            />
          )
        }}
      </Loaded>
    </div>
  )
}
