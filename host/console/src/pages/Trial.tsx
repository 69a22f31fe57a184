import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, Button, Progress } from 'antd'
import type { ReactNode } from 'react'
import { api, call } from '../api/client'
import { trialQuery } from '../api/queries'
import type { Trial as TrialView, TrialReport } from '../api/types'
import { usePackTitle } from '../packs/title'
import { Differences } from '../ui/Differences'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { RecordHead } from '../ui/RecordHead'
import { dateTime } from '../ui/time'
import { percent, trialSpan, trialState } from '../ui/trials'
import { VerdictNote } from '../ui/VerdictNote'

const route = getRouteApi('/shell/trials/$id')

function Running({ trial }: { trial: TrialView }) {
  const queryClient = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => call<unknown>(api.DELETE('/api/v1/trials/{id}', { params: { path: { id: trial.id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['trial', trial.id] }),
  })
  const { done = 0, total = 0 } = trial.progress ?? {}
  return (
    <Panel title="正在比对" extra={<Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>取消比对</Button>}>
      <div role="status">
        <Progress percent={percent(done, total)} aria-label="比对进度" />
        <p className="dim">
          {total > 0 ? `已看 ${done} 个决定，共 ${total} 个。` : '正在找出近期的决定。'}可以离开此页，比对继续进行；取消后，已看过的部分保留。
        </p>
      </div>
      {cancel.error && <ProblemNote error={cancel.error} />}
    </Panel>
  )
}

function Figures({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className="view-figures">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function differing({ decisions, equal, erased }: TrialReport['replay']): number {
  return Math.max(0, decisions - equal - erased)
}

function Golden({ report }: { report: TrialReport }) {
  const wrong = report.golden_wrong
  return (
    <Panel title="新版本自带样例">
      {report.golden_cases === 0 && <Alert type="warning" showIcon title="这个版本没有带样例" description="没有样例就不能自证计算正确，请开发方补上。" />}
      {report.golden_cases > 0 && wrong.length === 0 && <Alert type="success" showIcon title={`${report.golden_cases} 个样例全部相符`} />}
      {wrong.length > 0 && (
        <Alert
          type="error"
          showIcon
          title={`${report.golden_cases} 个样例中有 ${wrong.length} 个不符`}
          description={
            <ul className="problem-list">
              {wrong.map(({ case: name, problems }) => (
                <li key={name}>
                  “{name}”：{problems.join('；')}
                </li>
              ))}
            </ul>
          }
        />
      )}
    </Panel>
  )
}

function Report({ report }: { report: TrialReport }) {
  return (
    <>
      <Golden report={report} />
      <Panel title={report.old_version ? `近期的决定：与现行 ${report.old_version} 版比较` : '近期的决定'}>
        <div className="stack">
          <Figures
            rows={[
              ['比对的决定', report.replay.decisions],
              ['相同', report.replay.equal],
              ['不同', differing(report.replay)],
              ['对象已被删除', report.replay.erased],
            ]}
          />
          {report.replay.decisions === 0 ? <p className="dim">这段时间没有可以比对的决定；可以多看几天，或改用影子运行。</p> : <Differences groups={report.replay.groups} of="decisions" />}
          {report.unmatched > 0 && <p className="dim">另有 {report.unmatched} 个决定，作出它的版本已不在库中，只与留存的记录比较。</p>}
          {report.unsound > 0 && (
            <Alert
              type="warning"
              showIcon
              title={`${report.unsound} 个决定连原来的版本也不能重现，未计入差异`}
              description={report.unsound_examples.map((id) => (
                <div key={id}>
                  <Link to="/decisions/$id" params={{ id }} className="code">
                    {id}
                  </Link>
                </div>
              ))}
            />
          )}
          {report.newly_read.length > 0 && <Alert type="info" showIcon title="新版本还会读取旧版不读的数据，留存的记录里看不出它的影响" description={report.newly_read.join('、')} />}
        </div>
      </Panel>
      {report.golden_of_old.decisions > 0 && (
        <Panel title={`旧版样例在新旧两版上：${report.golden_of_old.decisions} 个，相同 ${report.golden_of_old.equal} 个`}>
          <Differences groups={report.golden_of_old.groups} of="golden" />
        </Panel>
      )}
    </>
  )
}

function TrialPage({ trial }: { trial: TrialView }) {
  const [word, tone] = trialState(trial)
  return (
    <div className="page">
      <RecordHead
        title={usePackTitle(trial)}
        over={<Link to="/trials">试运行</Link>}
        marks={<span className={`tag ${tone}`}>{word}</span>}
        facts={[
          ['范围', trialSpan(trial)],
          ['开始', dateTime(trial.begun_at)],
          ['结束', dateTime(trial.ended_at)],
          ['版本', <Link key="pack" to="/packs/$name/$version" params={{ name: trial.pack, version: trial.version }}>在插件中心查看</Link>],
        ]}
      />
      {trial.verdict && <VerdictNote pack={trial.pack} version={trial.version} verdict={trial.verdict} />}
      {trial.state === 'cancelled' && <Alert type="warning" showIcon title="比对被取消，下面只是已看过的部分" />}
      {trial.progress && <Running trial={trial} />}
      {trial.report && <Report report={trial.report} />}
    </div>
  )
}

export function Trial() {
  const { id } = route.useParams()
  const trial = useQuery(trialQuery(id))
  return <Loaded query={trial}>{(data) => <TrialPage trial={data} />}</Loaded>
}
