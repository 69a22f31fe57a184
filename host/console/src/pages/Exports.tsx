/** Bulk exports: rehearsed, asked for, approved by somebody of another role, and taken once. */
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Button, Empty, Input, Progress, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { exportsQuery, sessionQuery } from '../api/queries'
import type { Export } from '../api/types'
import { AskExport } from '../exports/AskExport'
import { takeFile } from '../exports/take'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { percent } from '../ui/trials'

const TONES: Record<string, string> = { asked: 'tag-policy', approved: 'tag-stage', ready: 'tag-good', refused: 'tag-bad', failed: 'tag-bad' }

function State({ row }: { row: Export }) {
  if (row.progress) return <Progress size="small" percent={percent(row.progress.done, row.progress.total)} aria-label="生成进度" />
  return <span className={`tag ${TONES[row.state] ?? 'tag-quiet'}`}>{row.state_title}</span>
}

/** Taking a file is final: it is said before. */
function Take({ row, onClose }: { row: Export; onClose: () => void }) {
  const queryClient = useQueryClient()
  return (
    <Confirm title={`下载 ${row.ticket}`} okText="下载" said="已下载，文件不再保存" onDo={() => takeFile(row)} onDone={() => queryClient.invalidateQueries({ queryKey: ['exports'] })} onClose={onClose}>
      <p>
        只能下载一次，下载后服务器不再保存。文件 {row.rows} 行，其中 {row.marked} 行是用于追查外泄的标记行，不对应任何人；首行写明导出人和票号。
      </p>
      <p className="dim">
        SHA-256 <span className="code break">{row.sha256}</span>
      </p>
    </Confirm>
  )
}

function Decide({ row, agrees, onClose }: { row: Export; agrees: boolean; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  return (
    <Confirm
      title={`${agrees ? '批准' : '不批准'} ${row.ticket}`}
      okText={agrees ? '批准' : '不批准'}
      said={agrees ? '已批准，正在生成' : '已答复申请人'}
      danger={!agrees}
      whyNot={!agrees && !reason.trim() ? '请写明理由' : null}
      onDo={() => call(api.POST('/api/v1/exports/{id}/decide', { params: { path: { id: row.id } }, body: { agrees, reason: reason.trim() } }))}
      onDone={() => queryClient.invalidateQueries({ queryKey: ['exports'] })}
      onClose={onClose}
    >
      <p>
        {row.unit} {row.by} 申请导出“{row.what}”约 {row.estimate} 条（{row.level} 级），列：{row.columns.join('、')}。
      </p>
      <p>
        目的：{row.purpose}。用途：{row.reason}
      </p>
      <label className="field">
        <span className="field-label">
          {agrees ? '意见' : '理由'}
          {!agrees && <span className="must">*</span>}
        </span>
        <Input.TextArea rows={2} maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Confirm>
  )
}

type Step = { row: Export; step: 'take' | 'agree' | 'refuse' }

export function Exports() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const exports = useQuery(exportsQuery)
  const [step, setStep] = useState<Step | null>(null)
  const approves = session.roles.includes('access-approver')
  const asks = session.roles.some((role) => ['clerk', 'dispatcher', 'supervisor', 'coordinator', 'handler'].includes(role)) && !approves
  const columns: TableColumnsType<Export> = [
    { title: '票号', dataIndex: 'ticket', width: 160, render: (ticket: string) => <span className="code">{ticket}</span> },
    {
      title: '内容',
      key: 'what',
      render: (_, row) => (
        <>
          <div className="cell-title">{row.what}</div>
          <div className="dim">
            {row.columns.join('、')} · {row.reason}
          </div>
          {row.answer && <div className="offer-why">{row.decided_by ? `${row.decided_by}：${row.answer}` : row.answer}</div>}
        </>
      ),
    },
    { title: '申请', key: 'by', width: 190, render: (_, row) => `${row.by} · ${dateTime(row.asked_at)}` },
    { title: '条数', key: 'rows', width: 90, align: 'right', render: (_, row) => row.rows || row.estimate },
    { title: '级别', dataIndex: 'level', width: 70, render: (level: string) => <span className="classified">{level}</span> },
    { title: '情况', key: 'state', width: 150, render: (_, row) => <State row={row} /> },
    {
      title: '办理',
      key: 'steps',
      width: 190,
      render: (_, row) => {
        if (row.state === 'ready' && row.own) {
          return (
            <>
              <Button size="small" type="primary" onClick={() => setStep({ row, step: 'take' })}>
                下载
              </Button>
              {row.until && <div className="dim">至 {dateTime(row.until)}</div>}
            </>
          )
        }
        if (row.state === 'asked' && approves && !row.own) {
          return (
            <span className="figure-links">
              <Button size="small" type="primary" onClick={() => setStep({ row, step: 'agree' })}>
                批准
              </Button>
              <Button size="small" danger onClick={() => setStep({ row, step: 'refuse' })}>
                不批准
              </Button>
            </span>
          )
        }
        return row.taken_at ? <span className="dim">{dateTime(row.taken_at)} 下载</span> : <span className="dim">{row.state === 'asked' ? '待另一岗位批准' : '—'}</span>
      },
    },
  ]
  return (
    <div className="page">
      <h1 className="page-title">批量导出</h1>
      {asks && <AskExport />}
      <Panel title={approves ? '申请' : '我的导出'} flush>
        <Loaded query={exports}>
          {(rows) => (
            <Table<Export>
              size="small"
              rowKey="id"
              columns={columns}
              dataSource={rows}
              pagination={{ pageSize: 20, hideOnSinglePage: true }}
              scroll={{ x: 1100 }}
              locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={approves ? '没有等待批准的批量导出' : '还没有批量导出；先预演，看清条数和级别再申请'} /> }}
            />
          )}
        </Loaded>
      </Panel>
      {step?.step === 'take' && <Take row={step.row} onClose={() => setStep(null)} />}
      {(step?.step === 'agree' || step?.step === 'refuse') && <Decide row={step.row} agrees={step.step === 'agree'} onClose={() => setStep(null)} />}
      {exports.error && exports.data && <ProblemNote error={exports.error} />}
    </div>
  )
}
