import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Alert, App, Button, Drawer, Empty, Input, Radio, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, riskQuery } from '../api/queries'
import type { RiskDetail, RiskLevel, StageMove } from '../api/types'
import { ClockLedger } from '../ui/Clocks'
import { Decisions } from '../ui/Decisions'
import { Duties } from '../ui/Duties'
import { LightTag } from '../ui/Light'
import { MoveDialog } from '../ui/MoveDialog'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { ActionsPanel, MovesPanel, Offer } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { EntityLink } from '../ui/RecordLink'
import { BasisMark, LevelTag, StageTag } from '../ui/Tags'
import { dateTime } from '../ui/time'
import { StageSteps, Track } from '../ui/Track'
import { LEVELS, RISK_STAGES } from '../ui/words'

const route = getRouteApi('/shell/risks/$id')

function Findings({ found }: { found: RiskDetail }) {
  if (found.findings.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有发现不符合规定的情形" />
  return (
    <ol className="findings">
      {found.findings.map((finding) => (
        <li key={finding.rule}>
          <span>{finding.text}</span>
          <BasisMark basis={finding.basis} />
        </li>
      ))}
    </ol>
  )
}

function Levels({ found }: { found: RiskDetail }) {
  if (found.level_history.length === 0) return <p className="dim">尚未定级。插件建议：{LEVELS[found.advised]}；定级由承办人作出。</p>
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">等级</th>
          <th scope="col">时间</th>
          <th scope="col">定级人</th>
          <th scope="col">理由和依据</th>
        </tr>
      </thead>
      <tbody>
        {[...found.level_history].reverse().map((change) => (
          <tr key={change.at}>
            <td>
              <LevelTag level={change.level} />
            </td>
            <td>{dateTime(change.at)}</td>
            <td>{change.by}</td>
            <td>
              {change.reason}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function AssessDrawer({ found, onClose }: { found: RiskDetail; onClose: () => void }) {
  const [level, setLevel] = useState<RiskLevel>(found.level ?? found.advised)
  const [reason, setReason] = useState('')
  const [basis, setBasis] = useState(found.findings[0]?.basis.article ?? '')
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const assess = useMutation({
    mutationFn: () => call(api.POST('/api/v1/risks/{id}/assess', { params: { path: { id: found.id } }, body: { level, reason: reason.trim(), basis: basis.trim(), version: found.version } })),
    onSuccess: async () => {
      void message.success(`已评定为“${LEVELS[level]}”`)
      onClose()
      await refreshRecords(queryClient)
    },
  })
  const changed = level !== found.advised
  return (
    <Drawer
      open
      size={460}
      title="评定等级"
      onClose={onClose}
      footer={
        <div className="drawer-foot">
          <Button onClick={onClose}>取消</Button>
          <Button type="primary" disabled={!reason.trim()} loading={assess.isPending} onClick={() => assess.mutate()}>
            评定为“{LEVELS[level]}”
          </Button>
        </div>
      }
    >
      <div className="stack">
        <p>
          插件建议 <LevelTag level={found.advised} />，仅供参考；等级由您作出并署名。
        </p>
        <div className="field">
          <span className="field-label" id="assess-level">
            等级
          </span>
          <Radio.Group
            aria-labelledby="assess-level"
            optionType="button"
            value={level}
            onChange={(event) => setLevel(event.target.value as RiskLevel)}
            options={Object.entries(LEVELS).map(([value, label]) => ({ value, label }))}
          />
        </div>
        {(level === 'major' || level === 'extraordinary') && <Alert type="warning" showIcon title="重大以上风险会同时报送统筹单位研判、预警、交办和督办。" />}
        <label className="field">
          <span className="field-label">
            理由<span className="must">*</span>
          </span>
          <Input.TextArea autoFocus autoSize={{ minRows: 4, maxRows: 10 }} value={reason} placeholder={changed ? '与插件建议不同，请写明理由' : '依据哪些情形评定'} onChange={(event) => setReason(event.target.value)} />
        </label>
        <label className="field">
          <span className="field-label">依据条款</span>
          <Input value={basis} onChange={(event) => setBasis(event.target.value)} />
        </label>
        {assess.error && <ProblemNote error={assess.error} />}
      </div>
    </Drawer>
  )
}

/** Why an assessment is not open now; the server decides, this only saves a useless try. */
function whyNotAssess(found: RiskDetail): string | null {
  const at = RISK_STAGES.findIndex(([name]) => name === found.stage)
  if (at < RISK_STAGES.findIndex(([name]) => name === 'listed')) return '列入清单之后才能评定等级'
  if (at >= RISK_STAGES.findIndex(([name]) => name === 'verified')) return '已核销的风险不再评定等级'
  return null
}

function RiskView({ found }: { found: RiskDetail }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const [move, setMove] = useState<StageMove | null>(null)
  const [assessing, setAssessing] = useState(false)
  const whyNot = whyNotAssess(found)
  return (
    <div className="page">
      <RecordHead
        title={found.title}
        over={<span>{found.type_title}</span>}
        marks={
          <>
            {found.level ? <LevelTag level={found.level} /> : <LevelTag level={found.advised} advised />}
            <StageTag stage={found.stage} />
            <LightTag light={found.light} full />
          </>
        }
        facts={[
          [
            '所在',
            <EntityLink key="subject" entity={found.subject} />,
          ],
          ['责任单位', found.unit_name],
          ['属地', found.division_name],
        ]}
      >
        <StageSteps stages={RISK_STAGES} stage={found.stage} />
      </RecordHead>
      <div className="with-rail">
        <Tabs
          className="record-tabs"
          activeKey={tab ?? 'findings'}
          onChange={(key) => void navigate({ search: { tab: key === 'findings' ? undefined : key }, replace: true })}
          items={[
            {
              key: 'findings',
              label: `问题 ${found.findings.length}`,
              children: (
                <div className="stack">
                  <Panel title="不符合规定的情形">
                    <Findings found={found} />
                  </Panel>
                  <Panel title="职责">
                    <Duties duties={found.duties} />
                  </Panel>
                </div>
              ),
            },
            {
              key: 'levels',
              label: '等级调整',
              children: (
                <Panel>
                  <Levels found={found} />
                </Panel>
              ),
            },
            {
              key: 'track',
              label: '流程轨迹',
              children: (
                <Panel>
                  <Track entries={found.timeline} />
                </Panel>
              ),
            },
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
          <Panel title="定级">
            <Offer title={found.level ? '调整等级' : '评定等级'} allowed={whyNot === null} whyNot={whyNot} primary={!found.level} onClick={() => setAssessing(true)} />
          </Panel>
          <MovesPanel moves={found.stage_moves} onMove={setMove} />
          <ActionsPanel actions={found.actions} subject={found.id} />
        </aside>
      </div>
      {assessing && <AssessDrawer found={found} onClose={() => setAssessing(false)} />}
      {move && (
        <MoveDialog
          title={move.title}
          substages={[]}
          onClose={() => setMove(null)}
          onMove={async (note) => {
            await call(api.POST('/api/v1/risks/{id}/move', { params: { path: { id: found.id } }, body: { stage: move.stage, note, version: found.version } }))
            await refreshRecords(queryClient)
          }}
        />
      )}
    </div>
  )
}

export function Risk() {
  const { id } = route.useParams()
  const found = useQuery(riskQuery(id))
  return <Loaded query={found}>{(data) => <RiskView key={data.id} found={data} />}</Loaded>
}
