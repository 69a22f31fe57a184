import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Alert, App, Button, Input, Segmented, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { caseQuery, interfaceQuery, refreshRecords } from '../api/queries'
import type { CaseDetail, JsonObject, StageMove } from '../api/types'
import { asSchema } from '../forms/schema'
import { ClockLedger } from '../ui/Clocks'
import { DataView, speaks } from '../ui/DataView'
import { Decisions } from '../ui/Decisions'
import { CaseDeferrals } from '../ui/Deferrals'
import { Duties } from '../ui/Duties'
import { LightTag } from '../ui/Light'
import { MoveDialog } from '../ui/MoveDialog'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { Protected } from '../ui/Protected'
import { ActionsPanel, MovesPanel } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { EntityLink } from '../ui/RecordLink'
import { StageTag } from '../ui/Tags'
import { dateTime } from '../ui/time'
import { isWritten, StageSteps, Track } from '../ui/Track'
import { UnconfirmedNote } from '../ui/Unconfirmed'
import { CASE_STAGES, kindTitle } from '../ui/words'

const route = getRouteApi('/shell/cases/$id')

function Overview({ found }: { found: CaseDetail }) {
  return (
    <div className="stack">
      {found.answers
        .map((answer) => ({ ...answer, data: answer.data as JsonObject, schema: asSchema(answer.schema) }))
        .filter(({ data, schema }) => Object.keys(data).length === 0 || speaks(data, schema))
        .map(({ form, title, data, schema }, index) => (
          <Panel key={`${form}${index}`} title={title}>
            <DataView data={data} schema={schema} />
          </Panel>
        ))}
      <Panel title="职责">
        <Duties duties={found.duties} />
      </Panel>
      <Panel title="当事人和相关方">
        <Parties found={found} />
      </Panel>
    </div>
  )
}

function Parties({ found }: { found: CaseDetail }) {
  // What is protected is not there before it is opened: nobody is to read that as nobody.
  if (found.parties.length === 0) return <p className="dim">{found.access && ['hidden', 'stated'].includes(found.access.state) ? '当事人受保护，按批准的查阅显示' : '没有登记当事人'}</p>
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">名称</th>
          <th scope="col">类别</th>
          <th scope="col">在本案中</th>
        </tr>
      </thead>
      <tbody>
        {found.parties.map((party) => (
          <tr key={`${party.entity}${party.role}`}>
            <td>
              <EntityLink entity={{ id: party.entity, kind: party.kind, name: party.name }} />
            </td>
            <td>{kindTitle(party.kind)}</td>
            <td>{party.role}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

type Kind = 'notes' | 'reply'

function Records({ found }: { found: CaseDetail }) {
  const [kind, setKind] = useState<Kind>('notes')
  const [text, setText] = useState('')
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const write = useMutation({
    mutationFn: () => {
      const params = { path: { id: found.id } }
      const body = { text: text.trim() }
      return kind === 'notes' ? call<unknown>(api.POST('/api/v1/cases/{id}/notes', { params, body })) : call<unknown>(api.POST('/api/v1/cases/{id}/reply', { params, body }))
    },
    onSuccess: async () => {
      setText('')
      void message.success(kind === 'notes' ? '已记录' : '已答复当事人')
      await refreshRecords(queryClient)
    },
  })
  const send = () => text.trim() && !write.isPending && write.mutate()
  return (
    <div className="stack">
      <Panel>
        <div className="compose">
          <Segmented<Kind>
            value={kind}
            onChange={setKind}
            options={[
              { value: 'notes', label: '记录办理情况' },
              { value: 'reply', label: '答复当事人' },
            ]}
          />
          <Input.TextArea
            aria-label={kind === 'notes' ? '办理情况' : '答复内容'}
            autoSize={{ minRows: 3, maxRows: 10 }}
            placeholder={kind === 'notes' ? '做了什么、见了谁、结果如何' : '答复内容会作为对当事人的正式答复留存；未答复不能归档'}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && send()}
          />
          {write.error && <ProblemNote error={write.error} />}
          <div className="compose-foot">
            <span className="dim">
              <kbd>Ctrl+Enter</kbd> 提交
            </span>
            <Button type="primary" disabled={!text.trim()} loading={write.isPending} onClick={send}>
              {kind === 'notes' ? '记录' : '答复'}
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title="办理记录">
        <Track entries={found.timeline.filter(isWritten)} none="还没有办理记录" />
      </Panel>
    </div>
  )
}

function Related({ found }: { found: CaseDetail }) {
  return (
    <div className="stack">
      <Panel title="相关实体">
        <Parties found={found} />
      </Panel>
      <Panel title="所用规则">
        <p>
          {found.pack.title} {found.pack.version}
          {found.pack.available ? '' : '（插件现不可用）'}
        </p>
      </Panel>
    </div>
  )
}

function CaseView({ found }: { found: CaseDetail }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const declared = useQuery(interfaceQuery)
  const [move, setMove] = useState<StageMove | null>(null)
  const matter = declared.data?.matters.find(({ type }) => type === found.matter)
  return (
    <div className="page">
      <RecordHead
        title={found.title}
        over={
          <>
            <span className="code">{found.code}</span> <span>{found.matter_title}</span>
          </>
        }
        marks={
          <>
            <StageTag stage={found.stage} substage={found.substage} />
            <LightTag light={found.light} full />
          </>
        }
        facts={[
          ['承办', found.unit_name],
          ['属地', found.division_name],
          ['发生', dateTime(found.occurred_at)],
          ['登记', dateTime(found.opened_at)],
        ]}
      >
        <StageSteps stages={CASE_STAGES} stage={found.stage} />
      </RecordHead>
      <Protected record={found.id} access={found.access} />
      <UnconfirmedNote id={found.id} />
      {!found.pack.available && (
        <Alert
          type="warning"
          showIcon
          title={`“${found.pack.title}”插件现不可用，本案仍可照常查看、流转、记录和计时`}
          description="下一步：需要插件判断的业务暂缓，紧急的请按纸质流程办理，并告知管理员。"
        />
      )}
      <div className="with-rail">
        <Tabs
          className="record-tabs"
          activeKey={tab ?? 'overview'}
          onChange={(key) => void navigate({ search: { tab: key === 'overview' ? undefined : key }, replace: true })}
          items={[
            { key: 'overview', label: '概况', children: <Overview found={found} /> },
            {
              key: 'track',
              label: '流程轨迹',
              children: (
                <Panel>
                  <Track entries={found.timeline} />
                </Panel>
              ),
            },
            { key: 'records', label: '办理记录', children: <Records found={found} /> },
            { key: 'related', label: '关联', children: <Related found={found} /> },
            {
              key: 'clocks',
              label: '时限算式',
              children: (
                <Panel>
                  <ClockLedger clocks={found.clocks} />
                </Panel>
              ),
            },
            { key: 'decisions', label: `决定依据${found.decisions.length ? ` ${found.decisions.length}` : ''}`, children: <Decisions decisions={found.decisions} /> },
          ]}
        />
        <aside className="rail" aria-label="可以办理的业务">
          <ActionsPanel actions={found.actions} subject={found.id} />
          <MovesPanel moves={found.stage_moves} onMove={setMove} />
          <CaseDeferrals found={found} />
        </aside>
      </div>
      {move && (
        <MoveDialog
          title={move.title}
          substages={matter?.substages[move.stage] ?? []}
          onClose={() => setMove(null)}
          onMove={async (note, substage) => {
            await call(api.POST('/api/v1/cases/{id}/move', { params: { path: { id: found.id } }, body: { stage: move.stage, substage: substage ?? null, note, version: found.version } }))
            await refreshRecords(queryClient)
          }}
        />
      )}
    </div>
  )
}

export function Case() {
  const { id } = route.useParams()
  const found = useQuery(caseQuery(id))
  return <Loaded query={found}>{(data) => <CaseView key={data.id} found={data} />}</Loaded>
}
