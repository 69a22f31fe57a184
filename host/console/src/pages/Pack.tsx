import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, Empty, Tabs } from 'antd'
import { useState } from 'react'
import { packQuery, packsQuery, sessionQuery } from '../api/queries'
import { grantWords } from '../packs/grant'
import { GrantAnswers, GrantDifference } from '../packs/GrantDifference'
import { isUntrusted, OriginNote } from '../packs/Provenance'
import { StepDialog, STEPS } from '../packs/StepDialog'
import { effectiveWords, type PackStep, type Version, versionsOf, whyNotStep } from '../packs/versions'
import { Loaded, Panel } from '../ui/Panel'
import { Offer } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { dateTime } from '../ui/time'
import { whyNotYours } from '../ui/words'

const route = getRouteApi('/shell/packs/$name/$version')

function Grant({ version }: { version: Version }) {
  const words = grantWords(version.grant)
  if (!words) return <p className="dim">没有授权，插件不会被调用</p>
  return (
    <dl className="facts">
      {words.map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd className="break">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function History({ name }: { name: string }) {
  const pack = useQuery(packQuery(name))
  return (
    <Loaded query={pack}>
      {({ history: changes }) =>
        changes.length === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有经过" />
        ) : (
          <table className="plain-table">
            <thead>
              <tr>
                <th scope="col">时间</th>
                <th scope="col">版本</th>
                <th scope="col">此后</th>
                <th scope="col">说明</th>
              </tr>
            </thead>
            <tbody>
              {changes.toReversed().map((change, index) => (
                <tr key={index}>
                  <td className="nowrap">{dateTime(change.at)}</td>
                  <td>{change.version}</td>
                  <td>{change.state_title}</td>
                  <td className="break">{change.reason ?? '—'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </Loaded>
  )
}

/** What may be done now comes first, and what takes something away last. */
function place({ step, whyNot }: { step: PackStep; whyNot: string | null }): number {
  return STEPS[step].danger ? 2 : whyNot === null ? 0 : 1
}

function Steps({ version, all, onStep }: { version: Version; all: Version[]; onStep: (step: PackStep) => void }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const navigate = route.useNavigate()
  const offers = (Object.keys(STEPS) as PackStep[]).map((step) => ({ step, whyNot: whyNotStep(step, version, all, session) }))
  const first = offers.find((offer) => place(offer) === 0)?.step
  const to = { pack: version.name, version: version.version }
  const administers = whyNotYours(session.roles, ['administrator'])
  const tried = administers ?? (version.standing === 'staged' || version.standing === 'shadow' ? null : '只有暂存的版本要试运行')
  const planned = administers ?? (version.standing === 'removed' ? '已移除' : null)
  return (
    <>
      <Panel title="可以办理">
        {offers.toSorted((a, b) => place(a) - place(b)).map(({ step, whyNot }) => (
          <Offer key={step} title={STEPS[step].title} primary={step === first} allowed={whyNot === null} whyNot={whyNot} onClick={() => onStep(step)} />
        ))}
      </Panel>
      <Panel title="启用之前">
        <Offer title="试运行" allowed={tried === null} whyNot={tried} onClick={() => void navigate({ to: '/trials', search: to })} />
        <Offer title="预演衔接" allowed={planned === null} whyNot={planned} onClick={() => void navigate({ to: '/upgrades', search: to })} />
      </Panel>
    </>
  )
}

function PackPage({ version, all }: { version: Version; all: Version[] }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const [step, setStep] = useState<PackStep | null>(null)
  const { request, activation } = version
  return (
    <div className="page">
      <RecordHead
        title={`${version.title} ${version.version}`}
        over={
          <>
            <Link to="/packs">插件中心</Link> <span className="code">{version.name}</span>
          </>
        }
        marks={<span className={`tag ${version.tone}`}>{version.state_title}</span>}
        facts={[
          ['施行', effectiveWords(version)],
          ['接口契约', version.contract],
          ['发布单位', version.publisher],
          ['摘要值', <span key="digest" className="code" title={version.digest}>{version.digest.slice(0, 16)}…</span>],
        ]}
      />
      {version.standing === 'quarantined' && (
        <Alert type="error" showIcon title={`已隔离：${version.reason ?? '原因没有记录'}`} description="这个版本不再被调用；它的案件仍可查看、流转和计时。下一步：查明原因后解除隔离，或回退到上一版本。" />
      )}
      {version.standing !== 'quarantined' && version.reason && <Alert type="info" showIcon title={version.reason} />}
      {activation?.state === 'waiting' && <Alert type="info" showIcon title={`已由 ${activation.asked_by} 排定于 ${dateTime(activation.at)} 启用`} />}
      {activation?.state === 'failed' && <Alert type="error" showIcon title={`${dateTime(activation.at)} 没有启用成功：${activation.reason ?? ''}`} description="下一步：补齐所缺，再重新启用。" />}
      {isUntrusted(version.provenance) && <OriginNote origin={version.provenance} />}
      <div className="with-rail">
        <Tabs
          className="record-tabs"
          activeKey={tab ?? (request ? 'asked' : 'grant')}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
          items={[
            ...(request
              ? [
                  {
                    key: 'asked',
                    label: '授权差异',
                    children: (
                      <div className="stack">
                        <Panel title={all.length > 1 ? '比提出时的现行版本' : '首次安装要求的授权'}>
                          <GrantDifference request={request} only={all.length === 1} />
                        </Panel>
                        <Panel title="审批">
                          <GrantAnswers request={request} />
                        </Panel>
                      </div>
                    ),
                  },
                ]
              : []),
            { key: 'grant', label: '授权范围', children: <Panel><Grant version={version} /></Panel> },
            { key: 'origin', label: '来源签名', children: <Panel><OriginNote origin={version.provenance} /></Panel> },
            { key: 'history', label: '经过', children: <Panel><History name={version.name} /></Panel> },
          ]}
        />
        <aside className="rail" aria-label="可以办理的步骤">
          <Steps version={version} all={all} onStep={setStep} />
        </aside>
      </div>
      {step && <StepDialog step={step} version={version} onClose={() => setStep(null)} />}
    </div>
  )
}

export function Pack() {
  const { name, version } = route.useParams()
  const packs = useQuery(packsQuery)
  return (
    <Loaded query={packs}>
      {(list) => {
        const all = versionsOf(list).filter((one) => one.name === name)
        const found = all.find((one) => one.version === version)
        if (!found) return <Empty className="failed" description={`没有存入插件 ${name} ${version}；可能已被移除`} />
        return <PackPage key={found.digest} version={found} all={all} />
      }}
    </Loaded>
  )
}
