/** One matter's evidence as a sealed file: first what it would hold, then the file. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { dossierQuery } from '../api/queries'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { keep } from './words'

export function Dossier() {
  const { message } = App.useApp()
  const [typed, setTyped] = useState('')
  const [matter, setMatter] = useState('')
  const outline = useQuery({ ...dossierQuery(matter), enabled: matter !== '' })
  const make = useMutation({
    mutationFn: () => call(api.POST('/api/v1/audit/dossiers/{matter}', { params: { path: { matter } }, parseAs: 'text' })),
    onSuccess: (text) => {
      keep(text, `${matter}.dossier`)
      void message.success('卷宗已生成；导出已记入日志')
    },
  })
  return (
    <Panel title="导出证据卷宗">
      <div className="stack">
        <p className="dim">一件案件或风险的记录版本、决定、时间线和全部日志条目，连同包含证明和共签，密封为一个文件。只列编号和摘要，不含个人信息；凭公钥用 anshu audit verify --dossier 在任何机器上校验。</p>
        <div className="begin">
          <div className="field">
            <label htmlFor="dossier-matter">案件或风险的编号</label>
            <Input id="dossier-matter" className="begin-version" placeholder="从日志条目的“对象”中复制" value={typed} onChange={(event) => setTyped(event.target.value)} onPressEnter={() => setMatter(typed.trim())} />
          </div>
          <Button disabled={typed.trim() === ''} loading={outline.isFetching} onClick={() => setMatter(typed.trim())}>
            预览内容
          </Button>
          <Button type="primary" disabled={!outline.data || matter !== typed.trim()} loading={make.isPending} onClick={() => make.mutate()}>
            导出卷宗
          </Button>
        </div>
        {matter !== '' && (
          <Loaded query={outline} rows={1}>
            {(found) => (
              <p>
                将有：记录 {found.records} 个共 {found.versions} 版，决定 {found.decisions} 个，时间线 {found.lines} 行（其中 {found.covered} 行为人员所写，只列哈希），日志 {found.leaves} 条。
              </p>
            )}
          </Loaded>
        )}
        {make.error && <ProblemNote error={make.error} />}
      </div>
    </Panel>
  )
}
