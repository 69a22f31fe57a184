/** One step of a version's life: a dry run says what it would do, then a person does it. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { DatePicker, Input, Radio } from 'antd'
import type { Dayjs } from 'dayjs'
import dayjs from 'dayjs'
import { useState } from 'react'
import { refreshRecords } from '../api/queries'
import { Confirm } from '../ui/Confirm'
import { Loaded } from '../ui/Panel'
import { takeStep } from './steps'
import type { PackStep, Version } from './versions'

interface Words {
  title: string
  said: string
  /** Whether a reason must, may or cannot be given. */
  reason: 'must' | 'may' | 'none'
  danger: boolean
}

/** What each step is called. */
export const STEPS: Record<PackStep, Words> = {
  approve: { title: '批准', said: '已批准', reason: 'may', danger: false },
  refuse: { title: '退回', said: '已退回', reason: 'must', danger: true },
  activate: { title: '启用', said: '已启用', reason: 'none', danger: false },
  cancel: { title: '取消排定的启用', said: '已取消', reason: 'none', danger: true },
  rollback: { title: '回退', said: '已回退', reason: 'must', danger: true },
  withdraw: { title: '撤下', said: '已撤下', reason: 'must', danger: true },
  release: { title: '解除隔离', said: '已解除隔离', reason: 'none', danger: false },
  remove: { title: '移除', said: '已移除', reason: 'must', danger: true },
}

export function StepDialog({ step, version, onClose }: { step: PackStep; version: Version; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  const [later, setLater] = useState(false)
  const [at, setAt] = useState<Dayjs | null>(null)
  const words = STEPS[step]
  const instant = step === 'activate' && later && at ? at.format() : undefined
  // Nothing is stored by a dry run, so it may be asked again whenever what it depends on changes.
  const preview = useQuery({
    queryKey: ['pack-step', step, version.name, version.version, instant],
    queryFn: () => takeStep(step, version, { at: instant, reason: words.reason === 'must' ? '预演' : undefined, dry_run: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })
  const whyNot = words.reason === 'must' && !reason.trim() ? '请写明理由' : later && !at ? '请选择启用的时刻' : later && at && at.isBefore(dayjs()) ? '启用的时刻已经过去' : preview.error ? '预演没有通过，不能办理' : null
  return (
    <Confirm
      title={`${words.title} ${version.title} ${version.version}`}
      okText={instant ? '排定启用' : words.title}
      said={instant ? '已排定启用' : words.said}
      danger={words.danger}
      whyNot={whyNot}
      onDo={() => takeStep(step, version, { at: instant, reason: reason.trim() || undefined })}
      onDone={async () => {
        await refreshRecords(queryClient)
        await queryClient.invalidateQueries({ queryKey: ['interface'] })
      }}
      onClose={onClose}
    >
      {step === 'activate' && (
        <div className="field">
          <Radio.Group
            aria-label="何时启用"
            value={later}
            onChange={(event) => setLater(event.target.value as boolean)}
            options={[
              { value: false, label: '现在启用' },
              { value: true, label: '到时启用' },
            ]}
          />
          {later && <DatePicker aria-label="启用的时刻" showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" minDate={dayjs()} value={at} onChange={(value: Dayjs | null) => setAt(value)} />}
        </div>
      )}
      <section aria-label="预演">
        <h3 className="sub-title">预演：将会</h3>
        <Loaded query={preview} rows={2}>
          {(does) => (
            <ol className="effects">
              {does.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ol>
          )}
        </Loaded>
      </section>
      {words.reason !== 'none' && (
        <label className="field">
          <span className="field-label">
            {words.reason === 'must' ? (
              <>
                理由<span className="must">*</span>
              </>
            ) : (
              '意见'
            )}
          </span>
          <Input.TextArea autoFocus autoSize={{ minRows: 2, maxRows: 6 }} value={reason} placeholder={words.reason === 'must' ? '会记入日志，各方都能看到' : '可不填'} onChange={(event) => setReason(event.target.value)} />
        </label>
      )}
    </Confirm>
  )
}
