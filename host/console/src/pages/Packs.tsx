import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Alert, App, Button, Empty, Input, Modal, Select, Upload } from 'antd'
import { useState } from 'react'
import { packsQuery, refreshRecords, sessionQuery } from '../api/queries'
import { grantFile } from '../packs/grant'
import { isUntrusted, OriginTag } from '../packs/Provenance'
import { stage } from '../packs/steps'
import { effectiveWords, nextWords, type Pack, packsOf, type Version } from '../packs/versions'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { whyNotYours } from '../ui/words'

function VersionRow({ version }: { version: Version }) {
  return (
    <tr>
      <td>
        <Link to="/packs/$name/$version" params={{ name: version.name, version: version.version }}>
          {version.version}
        </Link>
      </td>
      <td>
        <span className={`tag ${version.tone}`}>{version.state_title}</span>
      </td>
      <td className="nowrap">{effectiveWords(version)}</td>
      <td className="code">{version.contract}</td>
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
        <table className="plain-table versions">
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

/** Chooses one file. Nothing is sent by choosing. */
function FileButton({ title, accept, onFile }: { title: string; accept: string; onFile: (file: File | null) => void }) {
  return (
    <Upload
      accept={accept}
      maxCount={1}
      beforeUpload={(file) => {
        onFile(file)
        return false
      }}
      onRemove={() => onFile(null)}
    >
      <Button>{title}</Button>
    </Upload>
  )
}

/** A component and the grant that is proposed for it; what both mean is told before anything is stored. */
function StageDialog({ packs, onClose }: { packs: Pack[]; onClose: () => void }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [component, setComponent] = useState<File | null>(null)
  const [signatures, setSignatures] = useState('')
  const [confirmed, setConfirmed] = useState('')
  const [grant, setGrant] = useState('')
  const proposal = { grant, signatures, confirm_name: confirmed.trim() || null }
  const rehearse = useMutation({ mutationFn: () => stage(component as File, proposal, true) })
  const store = useMutation({
    mutationFn: () => stage(component as File, proposal, false),
    onSuccess: async ([first]) => {
      void message.success(first ?? '已暂存')
      onClose()
      await refreshRecords(queryClient)
    },
  })
  const whyNot = !component ? '请选择插件包文件' : !grant.trim() ? '请给出拟授权：沿用现有授权、选择授权文件或直接填写' : null
  const rehearsed = rehearse.data
  const change = (text: string) => {
    setGrant(text)
    rehearse.reset()
  }
  return (
    <Modal
      open
      width={720}
      title="暂存新版本"
      onCancel={onClose}
      footer={[
        <Button key="close" onClick={onClose}>
          取消
        </Button>,
        <Button key="try" disabled={whyNot !== null} loading={rehearse.isPending} onClick={() => rehearse.mutate()}>
          预演
        </Button>,
        <Button key="store" type="primary" disabled={!rehearsed} loading={store.isPending} onClick={() => store.mutate()}>
          暂存
        </Button>,
      ]}
    >
      <div className="stack">
        <p className="dim">暂存只检查并存入，不会被调用；授权批准并启用之后才生效。</p>
        <div className="field">
          <span className="field-label">
            插件包文件（.wasm）<span className="must">*</span>
          </span>
          <FileButton
            title="选择插件包"
            accept=".wasm"
            onFile={(file) => {
              setComponent(file)
              rehearse.reset()
            }}
          />
        </div>
        <FileButton
          title="选择签名文件"
          accept=".sig"
          onFile={(file) => {
            setSignatures('')
            void file?.text().then(setSignatures)
            rehearse.reset()
          }}
        />
        <div className="begin">
          <div className="field">
            <span className="field-label" id="stage-like">
              拟授权
            </span>
            <Select
              aria-labelledby="stage-like"
              className="begin-version"
              placeholder="沿用哪个插件的现有授权"
              value={null}
              onChange={(name: string) => change(grantFile(packs.find((pack) => pack.name === name)?.versions.find(({ standing }) => standing === 'active')?.grant))}
              options={packs.filter(({ versions }) => versions.some(({ standing }) => standing === 'active')).map(({ name, title }) => ({ value: name, label: `沿用“${title}”的现有授权` }))}
            />
          </div>
          <FileButton title="或选择授权文件" accept=".toml" onFile={(file) => void file?.text().then(change)} />
        </div>
        <label className="field">
          <span className="field-label">
            授权内容<span className="must">*</span>
          </span>
          <Input.TextArea className="code" autoSize={{ minRows: 4, maxRows: 12 }} value={grant} spellCheck={false} onChange={(event) => change(event.target.value)} />
        </label>
        {rehearse.error && (
          <label className="field">
            <span className="field-label">提示名称与别的插件近似、又确认无误时，再写一遍插件名</span>
            <Input value={confirmed} onChange={(event) => setConfirmed(event.target.value)} />
          </label>
        )}
        {whyNot && <p className="offer-why">{whyNot}</p>}
        {rehearsed && (
          <section aria-label="预演" role="status">
            <h3 className="sub-title">预演：将会</h3>
            <ul className="rehearsed">
              {rehearsed.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </section>
        )}
        {(rehearse.error ?? store.error) && <ProblemNote error={rehearse.error ?? store.error} />}
      </div>
    </Modal>
  )
}

function StageButton({ packs }: { packs: Pack[] }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const [open, setOpen] = useState(false)
  const whyNot = whyNotYours(session.roles, ['administrator'])
  return (
    <>
      {whyNot && <span className="dim">暂存{whyNot}</span>}
      <Button type="primary" disabled={whyNot !== null} onClick={() => setOpen(true)}>
        暂存新版本
      </Button>
      {open && <StageDialog packs={packs} onClose={() => setOpen(false)} />}
    </>
  )
}

/** What needs somebody at once, above everything else. */
function Alarms({ versions }: { versions: Version[] }) {
  const quarantined = versions.filter(({ standing }) => standing === 'quarantined')
  const unsigned = versions.filter(({ provenance, standing }) => isUntrusted(provenance) && standing !== 'removed')
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
      {unsigned.length > 0 && <Alert type="error" showIcon title={`开发模式开着：${unsigned.map(({ title, version }) => `${title} ${version}`).join('、')} 没有所要求的签名也被收下`} description="下一步：正式使用前在配置中关闭开发模式，并重新暂存签过名的版本。" />}
    </>
  )
}

export function Packs() {
  const packs = useQuery(packsQuery)
  return (
    <div className="page">
      <div className="page-head">
        <h1 className="page-title">插件中心</h1>
        <StageButton packs={packsOf(packs.data ?? [])} />
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
