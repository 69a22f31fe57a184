import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Empty, InputNumber, Progress, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { packsQuery, sessionQuery, upgradesQuery } from '../api/queries'
import type { Upgrade } from '../api/types'
import { versionsOf } from '../packs/versions'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { percent } from '../ui/trials'
import { upgradeTone } from '../ui/upgrades'
import { whyNotYours } from '../ui/words'

const route = getRouteApi('/shell/upgrades')

function State({ plan }: { plan: Upgrade }) {
  const { running, done, total } = plan.progress
  if (running) return <Progress size="small" percent={percent(done, total)} format={() => `${plan.state_title} ${done}/${total}`} aria-label={plan.state_title} />
  return <span className={`tag ${upgradeTone(plan.state)}`}>{plan.state_title}</span>
}

const COLUMNS: TableColumnsType<Upgrade> = [
  {
    title: '方案',
    key: 'plan',
    render: (_, plan) => (
      <Link to="/upgrades/$id" params={{ id: plan.id }}>
        {plan.pack_title} → {plan.version}
      </Link>
    ),
  },
  { title: '提出', dataIndex: 'made_at', width: 150, render: (at: string) => dateTime(at) },
  { title: '事项', key: 'bins', width: 330, render: (_, plan) => plan.bins.filter(({ count }) => count > 0).map(({ title, count }) => `${title} ${count}`).join('，') || '—' },
  { title: '待审批岗位', key: 'awaited', width: 170, render: (_, plan) => (plan.state === 'proposed' ? plan.awaited.join('、') : '—') },
  { title: '情况', key: 'state', width: 190, render: (_, plan) => <State plan={plan} /> },
]

/** A plan is itself the dry run: making one changes no case. */
function Make() {
  const chosen = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const mine = session.roles.includes('administrator')
  const packs = useQuery({ ...packsQuery, enabled: mine })
  const [days, setDays] = useState<number | null>(null)
  const targets = versionsOf(packs.data ?? []).filter(({ standing }) => standing !== 'removed' && standing !== 'withdrawn')
  const found = targets.find(({ name, version }) => name === chosen.pack && version === chosen.version)
  const make = useMutation({
    mutationFn: (to: { name: string; version: string }) => call(api.POST('/api/v1/upgrades', { body: { pack: to.name, version: to.version, notice: days ? { amount: days, unit: 'working_day' } : undefined } })),
    onSuccess: async (plan) => {
      await queryClient.invalidateQueries({ queryKey: ['upgrades'] })
      await navigate({ to: '/upgrades/$id', params: { id: plan.id } })
    },
  })
  const whyNot = whyNotYours(session.roles, ['administrator']) ?? (found ? null : '请先选择衔接到的版本')
  return (
    <Panel title="预演一次衔接">
      <div className="stack">
        <p className="dim">预演逐件算出新版本对在办事项意味着什么，不改变任何事项；由两个岗位的两个人审批之后才能实施。</p>
        <div className="begin">
          <div className="field">
            <span className="field-label" id="upgrade-version">
              衔接到
            </span>
            <Select
              aria-labelledby="upgrade-version"
              className="begin-version"
              placeholder="选择版本"
              disabled={!mine}
              value={found ? `${found.name} ${found.version}` : null}
              onChange={(value: string) => {
                const to = targets.find((one) => `${one.name} ${one.version}` === value)
                void navigate({ search: { pack: to?.name, version: to?.version }, replace: true })
              }}
              options={targets.map(({ name, version, title, state_title: standing }) => ({ value: `${name} ${version}`, label: `${title} ${version}（${standing}）` }))}
            />
          </div>
          <label className="field">
            <span className="field-label">缩短时限至少提前告知（工作日）</span>
            <InputNumber className="full" min={1} max={366} value={days} placeholder="按本中心设定" disabled={!mine} onChange={setDays} />
          </label>
          <Button type="primary" disabled={whyNot !== null} loading={make.isPending} onClick={() => found && make.mutate(found)}>
            预演
          </Button>
        </div>
        {whyNot && <p className="offer-why">{whyNot}</p>}
        {make.error && <ProblemNote error={make.error} />}
      </div>
    </Panel>
  )
}

export function Upgrades() {
  const plans = useQuery(upgradesQuery)
  return (
    <div className="page">
      <h1 className="page-title">衔接方案</h1>
      <Make />
      <Panel title="方案" flush>
        <Loaded query={plans}>
          {(list) => (
            <Table<Upgrade>
              size="small"
              rowKey="id"
              columns={COLUMNS}
              dataSource={list}
              pagination={false}
              scroll={{ x: 1000 }}
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有衔接方案；新版本会影响在办事项时先预演一次" /> }}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  )
}
