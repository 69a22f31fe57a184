/** 访问策略: what holds since when on whose word, what is proposed, what was, and the way back. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Alert, Button, Empty, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { policiesQuery } from '../api/queries'
import type { Policies as PoliciesView, PolicySet } from '../api/types'
import { Files } from '../policies/Files'
import { type Beginning, Propose } from '../policies/Propose'
import { Resets } from '../policies/Resets'
import { SetDetail } from '../policies/SetDetail'
import { stateOf } from '../policies/words'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/policies')

const COLUMNS: TableColumnsType<PolicySet> = [
  {
    title: '策略集',
    key: 'id',
    width: 180,
    render: (_, set) => (
      <Link to="/policies" search={{ set: set.id }} className="code">
        {set.digest}
      </Link>
    ),
  },
  {
    title: '情况',
    key: 'state',
    width: 150,
    render: (_, set) => {
      const [word, tone] = stateOf(set)
      return <span className={`tag ${tone}`}>{word}</span>
    },
  },
  {
    title: '理由',
    key: 'reason',
    render: (_, set) => (
      <>
        <span className="break">{set.reason}</span>
        {set.answer && <div className="dim break">答复：{set.answer}</div>}
      </>
    ),
  },
  {
    title: '提出',
    key: 'proposed',
    width: 200,
    render: (_, set) => (
      <>
        {set.proposed_by}
        <div className="dim">{dateTime(set.proposed_at)}</div>
      </>
    ),
  },
  {
    title: '答复',
    key: 'decided',
    width: 200,
    render: (_, set) =>
      set.decided_by ? (
        <>
          {set.decided_by}
          <div className="dim">{dateTime(set.decided_at)}</div>
        </>
      ) : set.reset ? (
        <span className="dim">停机时由一人重置</span>
      ) : (
        '—'
      ),
  },
]

function InForce({ policies, onPropose }: { policies: PoliciesView; onPropose: (beginning: Beginning) => void }) {
  const { by } = policies
  return (
    <Panel
      title="现行策略"
      extra={
        policies.proposes ? (
          <span className="side-by-side">
            {!policies.shipped && (
              <Button size="small" onClick={() => onPropose({ shipped: true })}>
                恢复随程序发布的策略
              </Button>
            )}
            <Button size="small" type="primary" onClick={() => onPropose({ files: policies.files })}>
              提出变更
            </Button>
          </span>
        ) : (
          <span className="dim">变更由安全管理员提出</span>
        )
      }
    >
      <div className="stack">
        <dl className="record-facts">
          <div>
            <dt>来源</dt>
            <dd>{policies.shipped ? '随程序发布' : '本中心'}</dd>
          </div>
          <div>
            <dt>摘要</dt>
            <dd className="code">{policies.digest}</dd>
          </div>
          <div>
            <dt>生效</dt>
            <dd>{dateTime(policies.since)}</dd>
          </div>
          {by && (
            <>
              <div>
                <dt>{by.reset ? '停机时重置' : '提出'}</dt>
                <dd>{by.proposed_by}</dd>
              </div>
              {by.decided_by && (
                <div>
                  <dt>批准</dt>
                  <dd>{by.decided_by}</dd>
                </div>
              )}
            </>
          )}
        </dl>
        {by && <p className="plain-text break">理由：{by.reason}</p>}
        {!by && <p className="dim">中心自启用起使用随程序发布的策略，没有改动过。</p>}
      </div>
    </Panel>
  )
}

function Whole({ policies, onPropose }: { policies: PoliciesView; onPropose: (beginning: Beginning) => void }) {
  const waiting = policies.sets.filter(({ state }) => state === 'proposed')
  return (
    <>
      {waiting.map((set) => (
        <Alert
          key={set.id}
          type="info"
          showIcon
          title={`${set.proposed_by} 提出了策略变更，待批准：${set.reason}`}
          description={set.own ? '由另一名安全管理员或审计员批准。' : policies.approves ? '请核对差异和影响后答复。' : undefined}
          action={
            <Link to="/policies" search={{ set: set.id }}>
              <Button size="small">{!set.own && policies.approves ? '核对并答复' : '查看'}</Button>
            </Link>
          }
        />
      ))}
      <InForce policies={policies} onPropose={onPropose} />
      <Panel title="策略文件（Cedar）">
        <Files files={policies.files} />
      </Panel>
      <Panel title="历史" flush>
        <Table<PolicySet>
          size="small"
          rowKey="id"
          columns={COLUMNS}
          dataSource={policies.sets}
          pagination={{ pageSize: 20, hideOnSinglePage: true }}
          scroll={{ x: 900 }}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有人提出过变更" /> }}
        />
      </Panel>
      <Panel title="停机时的重置">
        <Resets resets={policies.resets} />
      </Panel>
    </>
  )
}

export function Policies() {
  const policies = useQuery(policiesQuery)
  const { set } = route.useSearch()
  const navigate = useNavigate()
  const [beginning, setBeginning] = useState<Beginning | null>(null)
  return (
    <div className="page">
      <h1 className="page-title">
        访问策略<span className="page-sub">谁在什么条件下能看到和办理什么；变更由安全管理员提出，另一个人批准</span>
      </h1>
      <Loaded query={policies} rows={8}>
        {(data) =>
          set ? (
            <SetDetail key={set} id={set} policies={data} onBack={({ id, digest, follows }) => setBeginning(follows ? { shipped: true } : { set: id, digest })} />
          ) : (
            <Whole policies={data} onPropose={setBeginning} />
          )
        }
      </Loaded>
      {beginning && <Propose beginning={beginning} onClose={() => setBeginning(null)} onProposed={(id) => void navigate({ to: '/policies', search: { set: id } })} />}
    </div>
  )
}
