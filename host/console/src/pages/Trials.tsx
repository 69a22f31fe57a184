import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { App, Button, Empty, InputNumber, Progress, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { packsQuery, refreshRecords, sessionQuery, trialsQuery } from '../api/queries'
import type { Trial } from '../api/types'
import { usePackTitle } from '../packs/title'
import { versionsOf } from '../packs/versions'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { percent, trialKind, trialSpan, trialState } from '../ui/trials'
import { whyNotYours } from '../ui/words'

const route = getRouteApi('/shell/trials')
/** Looked back, and looked at, where nobody says otherwise. */
const DAYS = 30
const NEEDED = 100

function State({ trial }: { trial: Trial }) {
  const [word, tone] = trialState(trial)
  if (trial.progress) {
    const { done, total } = trial.progress
    return <Progress size="small" percent={percent(done, total)} format={() => `${done}/${total}`} aria-label="比对进度" />
  }
  return <span className={`tag ${tone}`}>{word}</span>
}

function TrialLink({ trial }: { trial: Trial }) {
  const name = usePackTitle(trial)
  if (trial.kind === 'shadow')
    return (
      <Link to="/trials/shadows/$pack/$version" params={{ pack: trial.pack, version: trial.version }}>
        {name}
      </Link>
    )
  return (
    <Link to="/trials/$id" params={{ id: trial.id }}>
      {name}
    </Link>
  )
}

const COLUMNS: TableColumnsType<Trial> = [
  { title: '版本', key: 'version', render: (_, trial) => <TrialLink trial={trial} /> },
  { title: '方式', key: 'kind', width: 110, dataIndex: 'kind', render: trialKind },
  { title: '范围', key: 'span', width: 160, render: (_, trial) => trialSpan(trial) },
  { title: '开始', dataIndex: 'begun_at', width: 150, render: (at: string) => dateTime(at) },
  { title: '结束', dataIndex: 'ended_at', width: 150, render: (at: string | null) => dateTime(at) },
  { title: '情况', key: 'state', width: 190, render: (_, trial) => <State trial={trial} /> },
]

/** Chooses a version, and begins a replay or a shadow run of it. Neither changes anything. */
function Begin() {
  const chosen = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const packs = useQuery(packsQuery)
  const [days, setDays] = useState(DAYS)
  const [needed, setNeeded] = useState(NEEDED)
  const open = versionsOf(packs.data ?? []).filter(({ standing }) => standing === 'staged' || standing === 'shadow')
  const found = open.find(({ name, version }) => name === chosen.pack && version === chosen.version)
  const replay = useMutation({
    mutationFn: (version: { name: string; version: string }) => call(api.POST('/api/v1/trials', { body: { pack: version.name, version: version.version, days } })),
    onSuccess: async (trial) => {
      await queryClient.invalidateQueries({ queryKey: ['trials'] })
      await navigate({ to: '/trials/$id', params: { id: trial.id } })
    },
  })
  const shadow = useMutation({
    mutationFn: (version: { name: string; version: string }) => call(api.POST('/api/v1/trials/shadows', { body: { pack: version.name, version: version.version, needed } })),
    onSuccess: async (trial) => {
      void message.success('影子运行已开始')
      await refreshRecords(queryClient)
      await navigate({ to: '/trials/shadows/$pack/$version', params: { pack: trial.pack, version: trial.version } })
    },
  })
  const whyNot = whyNotYours(session.roles, ['administrator']) ?? (open.length === 0 ? '没有待启用的版本，请先在插件中心暂存新版本' : found ? null : '请先选择版本')
  return (
    <Panel title="试一个待启用的版本">
      <div className="stack">
        <p className="dim">试运行不改变任何记录，也不对外发出任何消息：只看新版本会作出什么不同的决定。</p>
        <div className="begin">
          <div className="field">
            <span className="field-label" id="trial-version">
              版本
            </span>
            <Select
              aria-labelledby="trial-version"
              className="begin-version"
              placeholder={open.length === 0 ? '没有待启用的版本' : '选择待启用的版本'}
              disabled={open.length === 0}
              value={found ? `${found.name} ${found.version}` : null}
              onChange={(value: string) => {
                const version = open.find((one) => `${one.name} ${one.version}` === value)
                void navigate({ search: { pack: version?.name, version: version?.version }, replace: true })
              }}
              options={open.map(({ name, version, title }) => ({ value: `${name} ${version}`, label: `${title} ${version}` }))}
            />
          </div>
          <label className="field">
            <span className="field-label">比对近几天的决定</span>
            <InputNumber min={1} max={3660} value={days} onChange={(value) => setDays(value ?? DAYS)} />
          </label>
          <Button type="primary" disabled={whyNot !== null} loading={replay.isPending} onClick={() => found && replay.mutate(found)}>
            开始比对
          </Button>
          <label className="field">
            <span className="field-label">影子运行观察几个决定</span>
            <InputNumber min={1} max={100_000} value={needed} onChange={(value) => setNeeded(value ?? NEEDED)} />
          </label>
          <Button disabled={whyNot !== null || found?.standing === 'shadow'} loading={shadow.isPending} onClick={() => found && shadow.mutate(found)}>
            开始影子运行
          </Button>
        </div>
        {(whyNot ?? (found?.standing === 'shadow' ? '该版本已在影子运行' : null)) && <p className="offer-why">{whyNot ?? '该版本已在影子运行'}</p>}
        {(replay.error ?? shadow.error) && <ProblemNote error={replay.error ?? shadow.error} />}
      </div>
    </Panel>
  )
}

export function Trials() {
  const trials = useQuery(trialsQuery())
  return (
    <div className="page">
      <h1 className="page-title">试运行</h1>
      <Begin />
      <Panel title="试运行记录" flush>
        <Loaded query={trials}>
          {(list) => (
            <Table<Trial>
              size="small"
              rowKey="id"
              columns={COLUMNS}
              dataSource={list}
              pagination={false}
              scroll={{ x: 900 }}
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有试运行；选一个待启用的版本开始" /> }}
            />
          )}
        </Loaded>
      </Panel>
    </div>
  )
}
