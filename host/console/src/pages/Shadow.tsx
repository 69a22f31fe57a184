import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { App, Modal, Progress } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, sessionQuery, shadowQuery } from '../api/queries'
import type { Shadow as ShadowView } from '../api/types'
import { usePackTitle } from '../packs/title'
import { Differences } from '../ui/Differences'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { Offer } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { percent } from '../ui/trials'
import { VerdictNote } from '../ui/VerdictNote'
import { whyNotYours } from '../ui/words'

const route = getRouteApi('/shell/trials/shadows/$pack/$version')

/** Stopping shows what is lost before it is done: a shadow that has not seen enough says less. */
function StopDialog({ shadow, onClose }: { shadow: ShadowView; onClose: () => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const { pack, version } = shadow
  const stop = useMutation({
    mutationFn: () => call(api.DELETE('/api/v1/trials/shadows/{pack}/{version}', { params: { path: { pack, version } } })),
    onSuccess: async () => {
      void message.success('影子运行已停止')
      onClose()
      await refreshRecords(queryClient)
    },
  })
  const short = shadow.seen < shadow.needed
  return (
    <Modal open title="停止影子运行" okText="停止" cancelText="继续观察" onCancel={onClose} onOk={() => stop.mutate()} okButtonProps={{ loading: stop.isPending, danger: short }}>
      <div className="stack">
        <p>
          已观察 {shadow.seen} 个决定，应观察 {shadow.needed} 个。{short ? '提前停止须由安全管理员办理，且不能是开启的人；启用时仍需第二人批准。' : '已看够，可以停止。'}
        </p>
        <p className="dim">已有的计数保留；现行版本不受影响。</p>
        {stop.error && <ProblemNote error={stop.error} />}
      </div>
    </Modal>
  )
}

function ShadowPage({ shadow }: { shadow: ShadowView }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [stopping, setStopping] = useState(false)
  const enough = shadow.seen >= shadow.needed
  const whyNot = !shadow.running ? '影子运行没有开着' : whyNotYours(session.roles, enough ? ['administrator', 'security'] : ['security'])
  const figures: [string, number][] = [
    ['已观察', shadow.seen],
    ['相同', shadow.equal],
    ['对象已被删除', shadow.erased],
    ['来不及看', shadow.dropped],
  ]
  return (
    <div className="page">
      <RecordHead
        title={usePackTitle(shadow)}
        over={<Link to="/trials">试运行</Link>}
        marks={<span className={`tag ${shadow.running ? 'tag-stage' : 'tag-quiet'}`}>{shadow.running ? '影子运行中' : '已停止'}</span>}
        facts={[['摘要值', <span key="digest" className="code" title={shadow.digest}>{shadow.digest.slice(0, 16)}…</span>]]}
      />
      <VerdictNote pack={shadow.pack} version={shadow.version} verdict={shadow.verdict} />
      <div className="with-rail">
        <div className="stack">
          <Panel title="新版本与现行版本并排运行，它的结果不生效">
            <div className="stack">
            <Progress percent={percent(shadow.seen, shadow.needed)} format={() => `${shadow.seen}/${shadow.needed}`} aria-label="观察进度" />
            <dl className="view-figures">
              {figures.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ))}
            </dl>
            </div>
          </Panel>
          <Panel title="累计差异">
            <Differences groups={shadow.groups} of="decisions" />
          </Panel>
          {shadow.days.map(({ day, groups }) => (
            <Panel key={day} title={day}>
              <Differences groups={groups} of="decisions" />
            </Panel>
          ))}
        </div>
        <aside className="rail">
          <Panel title="可以办理">
            <Offer title="停止影子运行" allowed={whyNot === null} whyNot={whyNot} onClick={() => setStopping(true)} />
          </Panel>
        </aside>
      </div>
      {stopping && <StopDialog shadow={shadow} onClose={() => setStopping(false)} />}
    </div>
  )
}

export function Shadow() {
  const { pack, version } = route.useParams()
  const shadow = useQuery(shadowQuery(pack, version))
  return <Loaded query={shadow}>{(data) => <ShadowPage shadow={data} />}</Loaded>
}
