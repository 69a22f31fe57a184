import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Alert, App, Button, Empty, Modal } from 'antd'
import { useRef, useState } from 'react'
import { packsQuery, refreshRecords, sessionQuery } from '../api/queries'
import type { PackView } from '../api/types'
import { GrantDifference } from '../packs/GrantDifference'
import { OriginNote, OriginTag } from '../packs/Provenance'
import { stage } from '../packs/steps'
import { effectiveWords, nextWords, type Pack, packsOf, type Version } from '../packs/versions'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { whyNotYours } from '../ui/words'

function VersionRow({ version }: { version: Version }) {
  return (
    <tr>
      <td>
        <Link to="/packs/$name/$version" params={{ name: version.name, version: version.version }} className="cell-title">
          {version.version}
        </Link>
      </td>
      <td>
        <span className={`tag ${version.tone}`}>{version.standingTitle}</span>
      </td>
      <td className="nowrap">{effectiveWords(version)}</td>
      <td className="code">{version.contract ?? '—'}</td>
      <td>
        <OriginTag origin={version.provenance} />
      </td>
      <td>{nextWords(version) || <span className="dim">—</span>}</td>
    </tr>
  )
}

function PackPanel({ pack }: { pack: Pack }) {
  return (
    <Panel
      title={
        <>
          {pack.title} <span className="code dim">{pack.name}</span>
        </>
      }
    >
      <div className="grid-scroll">
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">版本</th>
              <th scope="col">情况</th>
              <th scope="col">施行</th>
              <th scope="col">接口契约</th>
              <th scope="col">签名</th>
              <th scope="col">下一步</th>
            </tr>
          </thead>
          <tbody>
            {pack.versions.map((version) => (
              <VersionRow key={version.digest} version={version} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

/** What a chosen file is and asks for, before it is stored. */
function StageDialog({ file, onClose }: { file: File; onClose: () => void }) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const preview = useQuery({ queryKey: ['stage', file.name, file.size, file.lastModified], queryFn: () => stage(file, true), retry: false, staleTime: 0, gcTime: 0 })
  const store = useMutation({
    mutationFn: () => stage(file, false),
    onSuccess: async (pack: PackView) => {
      void message.success(`${pack.title} ${pack.version} 已暂存`)
      onClose()
      await refreshRecords(queryClient)
      await navigate({ to: '/packs/$name/$version', params: { name: pack.name, version: pack.version } })
    },
  })
  return (
    <Modal open width={640} title="暂存新版本" okText="暂存" cancelText="取消" onCancel={onClose} onOk={() => store.mutate()} okButtonProps={{ disabled: !preview.data, loading: store.isPending }}>
      <div className="stack">
        <p className="dim">{file.name}：暂存只存入并检查，不会被调用；批准并启用之后才生效。</p>
        <Loaded query={preview}>
          {(pack) => (
            <div className="stack">
              <p>
                <b>
                  {pack.title} {pack.version}
                </b>
                ，{effectiveWords(pack)}施行，接口契约 {pack.contract}
              </p>
              <OriginNote origin={pack.provenance} />
              {pack.request && <GrantDifference difference={pack.request.difference} />}
            </div>
          )}
        </Loaded>
        {store.error && <ProblemNote error={store.error} />}
      </div>
    </Modal>
  )
}

function StageButton() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File | null>(null)
  const whyNot = whyNotYours(session.roles, ['administrator'])
  return (
    <>
      {whyNot && <span className="dim">暂存{whyNot}</span>}
      <Button type="primary" disabled={whyNot !== null} onClick={() => input.current?.click()}>
        暂存新版本
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label="插件包文件"
        accept=".wasm"
        onChange={(event) => {
          setFile(event.target.files?.[0] ?? null)
          event.target.value = ''
        }}
      />
      {file && <StageDialog file={file} onClose={() => setFile(null)} />}
    </>
  )
}

/** What needs somebody at once, above everything else. */
function Alarms({ versions }: { versions: Version[] }) {
  const quarantined = versions.filter(({ standing }) => standing === 'quarantined')
  const unsigned = versions.filter(({ provenance, standing }) => provenance?.development && standing !== 'removed')
  return (
    <>
      {quarantined.map((version) => (
        <Alert
          key={version.digest}
          type="error"
          showIcon
          title={`${version.title} ${version.version} 已隔离：${version.reason ?? '原因没有记录'}`}
          description="它不再被调用；它的案件仍可查看、流转和计时，由人按纸质流程办理。下一步：看经过和运行日志查明原因，再解除隔离，或回退到上一版本。"
          action={
            <Link to="/packs/$name/$version" params={{ name: version.name, version: version.version }}>
              去处理
            </Link>
          }
        />
      ))}
      {unsigned.length > 0 && <Alert type="error" showIcon title={`开发模式开着：${unsigned.map(({ title, version }) => `${title} ${version}`).join('、')} 没有签名也被收下`} description="下一步：正式使用前在配置中关闭开发模式，并重新暂存签过名的版本。" />}
    </>
  )
}

export function Packs() {
  const packs = useQuery(packsQuery)
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">插件中心</h1>
        <StageButton />
      </div>
      <Loaded query={packs}>
        {(list) => {
          const grouped = packsOf(list)
          if (grouped.length === 0) return <Empty description="还没有插件；请由管理员暂存第一个" />
          return (
            <>
              <Alarms versions={grouped.flatMap(({ versions }) => versions)} />
              {grouped.map((pack) => (
                <PackPanel key={pack.name} pack={pack} />
              ))}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}
