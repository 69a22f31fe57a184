import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, Progress, Select, Tabs } from 'antd'
import { useEffect, useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, sessionQuery, upgradeItemsQuery, upgradeQuery } from '../api/queries'
import type { Session, Upgrade as UpgradeView, UpgradeItem } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { Offer } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { dateTime } from '../ui/time'
import { percent } from '../ui/trials'
import { UpgradeCases } from '../ui/UpgradeCases'
import { inState, upgradeTone, whyNotApply, whyNotApprove, whyNotUndo } from '../ui/upgrades'
import { usePages } from '../ui/usePages'

const route = getRouteApi('/shell/upgrades/$id')

/** The cases of one bin, with what was done about each. */
function Bin({ plan, bin, state, onState, onUndo, whyNot }: { plan: UpgradeView; bin: string; state: string | undefined; onState: (state: string | undefined) => void; onUndo: (item: UpgradeItem) => void; whyNot: string | null }) {
  const cases = usePages<UpgradeItem>(upgradeItemsQuery(plan.id, { bin, state }))
  return (
    <Panel flush>
      <div className="filters">
        <Select
          allowClear
          aria-label="处理情况"
          placeholder="处理情况"
          className="filter-wide"
          value={state ?? null}
          onChange={(value: string | null) => onState(value ?? undefined)}
          options={plan.items.map(({ name, title, count }) => ({ value: name, label: `${title} ${count}` }))}
        />
      </div>
      <UpgradeCases cases={cases} onUndo={onUndo} whyNotUndo={whyNot} />
    </Panel>
  )
}

function Journal({ plan }: { plan: UpgradeView }) {
  if (plan.journal.length === 0) return <p className="dim">还没有记录</p>
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">时间</th>
          <th scope="col">经办</th>
          <th scope="col">内容</th>
        </tr>
      </thead>
      <tbody>
        {plan.journal.map((step, index) => (
          <tr key={index}>
            <td className="nowrap">{dateTime(step.at)}</td>
            <td>{step.actor}</td>
            <td>{step.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Approvals({ plan, session }: { plan: UpgradeView; session: Session }) {
  return (
    <Panel title="审批">
      <ul className="approvals">
        {plan.approvals.map(({ role, role_title: title, person, at }) => (
          <li key={role}>
            <span className="tag tag-good">{title}已同意</span>
            <span className="dim">
              {person === session.person.id ? '您' : <span className="code" title={person}>{person.slice(-6)}</span>}，{dateTime(at)}
            </span>
          </li>
        ))}
        {plan.awaited.map((title) => (
          <li key={title}>
            <span className="tag tag-policy">等待{title}</span>
          </li>
        ))}
      </ul>
      <p className="offer-why">须由两个岗位的两个人同意；提出人不能审批自己的方案。</p>
    </Panel>
  )
}

type Step = 'approve' | 'apply' | 'undo' | UpgradeItem

function StepDialog({ plan, step, onClose }: { plan: UpgradeView; step: Step; onClose: () => void }) {
  const queryClient = useQueryClient()
  const params = { path: { id: plan.id } }
  const done = async () => {
    await refreshRecords(queryClient)
  }
  const bins = plan.bins.map(({ title, count }) => `${title} ${count} 件`).join('，')
  if (step === 'approve')
    return (
      <Confirm title="同意这个衔接方案" okText="同意" said="已同意" onDo={() => call(api.POST('/api/v1/upgrades/{id}/approve', { params }))} onDone={done} onClose={onClose}>
        <p>{bins}。</p>
        <p>同意以您的岗位署名并记入日志；两个岗位都同意后才能实施。</p>
      </Confirm>
    )
  if (step === 'apply')
    return (
      <Confirm title="实施这个衔接方案" okText="实施" said="已开始实施" onDo={() => call(api.POST('/api/v1/upgrades/{id}/apply', { params }))} onDone={done} onClose={onClose}>
        <p>将衔接 {inState(plan, 'ready', 'waiting')} 件：其中 {inState(plan, 'waiting')} 件进入下一环节时才衔接。</p>
        <p>
          {inState(plan, 'person')} 件须人工确认，{inState(plan, 'stays')} 件留在旧版，都不会自动改变。每件在下一次人工办理之前可以撤回。
        </p>
      </Confirm>
    )
  if (step === 'undo')
    return (
      <Confirm danger title="撤回全部还能撤回的" okText="全部撤回" said="已开始撤回" onDo={() => call(api.POST('/api/v1/upgrades/{id}/undo', { params, body: {} }))} onDone={done} onClose={onClose}>
        <p>{inState(plan, 'applied')} 件已衔接。衔接之后没有人办理过的，撤回后与衔接之前完全一致；已有人办理的不能撤回，会逐件列出原因。</p>
      </Confirm>
    )
  return (
    <Confirm danger title={`撤回 ${step.code}`} okText="撤回" said={`${step.code} 已撤回`} onDo={() => call(api.POST('/api/v1/upgrades/{id}/undo', { params, body: { case: step.case } }))} onDone={done} onClose={onClose}>
      <p>
        这一件回到原版本：到期由 {dateTime(step.new_due)} 恢复为 {dateTime(step.old_due)}。其他事项不变。
      </p>
    </Confirm>
  )
}

function UpgradePage({ plan }: { plan: UpgradeView }) {
  const { tab, state } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [step, setStep] = useState<Step | null>(null)
  const [approve, apply, undo] = [whyNotApprove(plan, session), whyNotApply(plan, session), whyNotUndo(plan, session)]
  const first = plan.bins.find(({ name, count }) => name === 'automatic' && count > 0) ?? plan.bins.find(({ count }) => count > 0) ?? plan.bins[0]
  const { running, done, total } = plan.progress

  // What the worker did to the cases meanwhile.
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ['upgrade-items', plan.id] })
  }, [queryClient, plan.id, plan.state, running])

  return (
    <div className="page">
      <RecordHead
        title={`${plan.pack_title}：在办事项衔接到 ${plan.version}`}
        over={<Link to="/upgrades">衔接方案</Link>}
        marks={<span className={`tag ${upgradeTone(plan.state)}`}>{plan.state_title}</span>}
        facts={[
          ['提出', dateTime(plan.made_at)],
          ['缩短时限至少提前告知', plan.notice ?? '未设定'],
          ['版本', <Link key="pack" to="/packs/$name/$version" params={{ name: plan.pack, version: plan.version }}>{plan.pack_title} {plan.version}</Link>],
        ]}
      />
      {running && (
        <Panel title={plan.state_title}>
          <div role="status">
            <Progress percent={percent(done, total)} format={() => `${done}/${total}`} aria-label={plan.state_title} />
            <p className="dim">可以离开此页，工作继续进行；中断后从中断处接着做。</p>
          </div>
        </Panel>
      )}
      {inState(plan, 'person') > 0 && <Alert type="warning" showIcon title={`${inState(plan, 'person')} 件须由人确认，不会自动改变`} description={plan.state === 'applied' ? '下一步：由牵头承办单位的人员在工作台或案件页逐件确认衔接或者不衔接，写明理由。' : '方案实施完成之后，由牵头承办单位的人员逐件确认衔接或者不衔接。'} />}
      <div className="with-rail">
        <Tabs
          className="record-tabs"
          activeKey={tab ?? first?.name ?? 'journal'}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
          destroyOnHidden
          items={[
            ...plan.bins.map(({ name, title, count }) => ({
              key: name,
              label: `${title} ${count}`,
              children: <Bin plan={plan} bin={name} state={state} onState={(next) => void navigate({ search: (old) => ({ ...old, state: next }), replace: true })} onUndo={setStep} whyNot={undo} />,
            })),
            { key: 'journal', label: '经过', children: <Panel><Journal plan={plan} /></Panel> },
          ]}
        />
        <aside className="rail" aria-label="可以办理的步骤">
          <Panel title="可以办理">
            <Offer title="同意方案" primary={approve === null} allowed={approve === null} whyNot={approve} onClick={() => setStep('approve')} />
            <Offer title="实施" primary={apply === null} allowed={apply === null} whyNot={apply} onClick={() => setStep('apply')} />
            <Offer title="撤回全部" allowed={undo === null} whyNot={undo} onClick={() => setStep('undo')} />
          </Panel>
          <Approvals plan={plan} session={session} />
          <Panel title="须知">
            <ul className="problem-list">
              {plan.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </Panel>
        </aside>
      </div>
      {step && <StepDialog plan={plan} step={step} onClose={() => setStep(null)} />}
    </div>
  )
}

export function Upgrade() {
  const { id } = route.useParams()
  const plan = useQuery(upgradeQuery(id))
  return <Loaded query={plan}>{(data) => <UpgradePage key={data.id} plan={data} />}</Loaded>
}
