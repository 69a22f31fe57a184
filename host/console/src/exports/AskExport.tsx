/** Asking for an export: nothing is asked before a rehearsal has said what it would be. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { App, Button, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { exportColumnsQuery, interfaceQuery, sessionQuery } from '../api/queries'
import type { Estimate, ExportRequest } from '../api/types'
import { CasePicker } from '../ui/CasePicker'
import { Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { CASE_STAGES, kindTitle, RISK_STAGES } from '../ui/words'

const KINDS = ['entity', 'case', 'risk'] as const
type Kind = (typeof KINDS)[number]

function Said({ estimate }: { estimate: Estimate }) {
  const masked = estimate.columns.filter((column) => column.masked).map((column) => column.title)
  return (
    <div className="stack" aria-live="polite">
      <p>
        <span className={`tag ${estimate.needs_approval ? 'tag-policy' : 'tag-good'}`}>{estimate.needs_approval ? '须另一岗位批准' : '无须另行批准'}</span> {estimate.note}
      </p>
      {masked.length > 0 && <p className="dim">按您的查阅权限遮蔽后导出：{masked.join('、')}</p>}
      {estimate.left_out.length > 0 && <p className="dim">您不能查看、不会导出：{estimate.left_out.join('、')}</p>}
      {estimate.against.map((why) => (
        <p key={why} className="field-error">
          {why}
        </p>
      ))}
      <p className="dim">依据：{estimate.basis}</p>
    </div>
  )
}

export function AskExport() {
  const { message } = App.useApp()
  const queryClient = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const declared = useQuery(interfaceQuery)
  const [kind, setKind] = useState<Kind>('entity')
  const [facet, setFacet] = useState<string | null>(null)
  const [stage, setStage] = useState<string | null>(null)
  const [columns, setColumns] = useState<string[]>(['title', 'division'])
  const [format, setFormat] = useState('csv')
  const [purpose, setPurpose] = useState(session.purposes[0]?.code ?? '')
  const [serves, setServes] = useState<string>()
  const [reason, setReason] = useState('')
  const choice = useQuery(exportColumnsQuery(kind, kind === 'entity' ? (facet ?? undefined) : undefined))
  const request: ExportRequest = {
    kind,
    facet: kind === 'entity' ? facet : null,
    stage: kind === 'entity' ? null : stage,
    columns,
    format,
    purpose,
    serves: serves ?? null,
    reason: reason.trim(),
  }
  // What was rehearsed is what is asked: a change of the form makes it stale.
  const asked = JSON.stringify(request)
  const [rehearsed, setRehearsed] = useState<{ asked: string; estimate: Estimate } | null>(null)
  const rehearse = useMutation({
    mutationFn: async () => ({ asked, estimate: await call(api.POST('/api/v1/exports/rehearse', { body: request })) }),
    onSuccess: setRehearsed,
  })
  const ask = useMutation({
    mutationFn: () => call(api.POST('/api/v1/exports', { body: request })),
    onSuccess: async (made) => {
      setRehearsed(null)
      await queryClient.invalidateQueries({ queryKey: ['exports'] })
      void message.success(made.needs_approval ? `${made.ticket} 已提交，等待批准` : `${made.ticket} 正在生成`)
    },
  })
  const fresh = rehearsed?.asked === asked ? rehearsed.estimate : null
  const whyNot = columns.length === 0 ? '请至少选择一列' : !request.reason ? '请写明用途' : null
  const stages = kind === 'case' ? CASE_STAGES : kind === 'risk' ? RISK_STAGES : []
  return (
    <Panel title="申请">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (!whyNot) rehearse.mutate()
        }}
      >
        <div className="fields fields-3">
          <div className="field">
            <span className="field-label">记录</span>
            <Radio.Group
              value={kind}
              onChange={(event) => {
                setKind(event.target.value as Kind)
                setColumns(['title', 'division'])
                setStage(null)
              }}
              options={KINDS.map((value) => ({ value, label: kindTitle(value) }))}
              optionType="button"
            />
          </div>
          {kind === 'entity' ? (
            <div className="field">
              <span className="field-label">带有档案</span>
              <Select
                allowClear
                aria-label="带有档案"
                placeholder="全部"
                value={facet}
                onChange={(value: string | null) => {
                  setFacet(value ?? null)
                  setColumns(['title', 'division'])
                }}
                options={declared.data?.facets.map(({ name, title }) => ({ value: name, label: title })) ?? []}
              />
            </div>
          ) : (
            <div className="field">
              <span className="field-label">环节</span>
              <Select allowClear aria-label="环节" placeholder="全部" value={stage} onChange={(value: string | null) => setStage(value ?? null)} options={stages.map(([value, title]) => ({ value, label: title }))} />
            </div>
          )}
          <div className="field">
            <span className="field-label">格式</span>
            <Radio.Group
              value={format}
              onChange={(event) => setFormat(event.target.value as string)}
              options={[
                { value: 'csv', label: '表格（CSV）' },
                { value: 'json', label: '数据（JSON）' },
              ]}
              optionType="button"
            />
          </div>
          <div className="field field-wide">
            <span className="field-label">列（记录编号总在首列）</span>
            <Select
              mode="multiple"
              aria-label="列"
              loading={choice.isPending}
              value={columns}
              onChange={setColumns}
              options={choice.data?.map(({ name, title, level, masked }) => ({ value: name, label: `${title}（${level}${masked ? '，可能遮蔽' : ''}）` })) ?? []}
            />
          </div>
          <div className="field">
            <span className="field-label">目的</span>
            <Select aria-label="目的" value={purpose} onChange={setPurpose} options={session.purposes.map(({ code, title }) => ({ value: code, label: title }))} />
          </div>
          <div className="field">
            <label className="field-label" htmlFor="export-serves">
              所服务的案件（含 L3 以上的列时必填）
            </label>
            <CasePicker id="export-serves" value={serves} onChange={setServes} />
          </div>
          <label className="field">
            <span className="field-label">
              用途<span className="must">*</span>
            </span>
            <Input value={reason} placeholder="做什么用、给谁看" maxLength={500} onChange={(event) => setReason(event.target.value)} />
          </label>
        </div>
        {choice.error && <ProblemNote error={choice.error} onRetry={() => void choice.refetch()} />}
        <div className="begin">
          <Button htmlType="submit" disabled={whyNot !== null} loading={rehearse.isPending}>
            预演
          </Button>
          <Button type="primary" disabled={fresh === null || fresh.against.length > 0} loading={ask.isPending} onClick={() => ask.mutate()}>
            申请导出
          </Button>
          <span className="offer-why">{whyNot ?? (fresh ? '预演没有保存任何内容' : '先预演，再申请')}</span>
        </div>
        {fresh && <Said estimate={fresh} />}
        {rehearse.error && <ProblemNote error={rehearse.error} />}
        {ask.error && <ProblemNote error={ask.error} />}
      </form>
    </Panel>
  )
}
