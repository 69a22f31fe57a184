/** Keys and retention: the state of the vault, erasures with their second person, holds, and what periods end next. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { App, Button, Descriptions, Empty, Form, Input, Modal, Progress, Space, Switch, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { endingsQuery, erasuresQuery, holdsQuery, sessionQuery, vaultQuery } from '../api/queries'
import type { Ending, Erasure, LegalHold } from '../api/types'
import { confirmed } from '../shell/StepUp'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const PROVIDERS: Record<string, string> = { file: '密钥文件（仅本机所有者可读）', pkcs11: '密码设备（PKCS#11）' }
const CIPHERS: Record<string, string> = { 'aes-256-gcm': 'AES-256-GCM', 'sm4-gcm': 'SM4-GCM（国密）' }
const TONES: Record<string, string> = { asked: 'tag-stage', refused: 'tag-quiet', restricted: 'tag-stage', lifted: 'tag-quiet', erased: 'tag-bad', hold: 'tag-good', wait: 'tag-quiet', restrict: 'tag-stage', erase: 'tag-bad' }

const nothing = (description: string) => ({ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={description} /> })

type Change = 'rotation' | 'reindexing'

const CHANGES: Record<Change, { title: string; does: string }> = {
  rotation: { title: '更换主密钥', does: '将产生新的主密钥，并在后台以它重新包裹全部数据密钥；正文不变，办理不受影响。' },
  reindexing: {
    title: '更换检索密钥',
    does: '将产生新的检索密钥，并在后台为全部记录重做检索索引；其间按号码、电话、案号的查询照常。完成后旧的检索密钥立即销毁：此前的数据库备份须与同期的密钥备份一起保存。',
  },
}

/** Begins a change of keys, after a fresh proof; the server goes on with it by itself. */
function ChangeKey({ which, busy }: { which: Change; busy: boolean }) {
  const { modal, message } = App.useApp()
  const queryClient = useQueryClient()
  const begin = useMutation({
    mutationFn: () => confirmed(() => call(which === 'rotation' ? api.POST('/api/v1/vault/rotation') : api.POST('/api/v1/vault/reindexing'))),
    onSuccess: (state) => {
      queryClient.setQueryData(vaultQuery.queryKey, state)
      void message.success('已开始，在后台进行；可离开本页')
    },
  })
  const { title, does } = CHANGES[which]
  return (
    <>
      <Button size="small" disabled={busy} loading={begin.isPending} onClick={() => modal.confirm({ title, content: does, okText: '开始更换', cancelText: '取消', onOk: () => begin.mutate() })}>
        {title}
      </Button>
      {begin.error && <ProblemNote error={begin.error} />}
    </>
  )
}

function Keys() {
  const vault = useQuery({ ...vaultQuery, refetchInterval: ({ state }) => (state.data && (state.data.outdated > 0 || state.data.index.changing) ? 1_000 : 10_000) })
  return (
    <Panel title="主密钥与数据密钥">
      <Loaded query={vault}>
        {(state) => (
          <Descriptions size="small" column={2}>
            <Descriptions.Item label="主密钥保管">{PROVIDERS[state.provider] ?? state.provider}</Descriptions.Item>
            <Descriptions.Item label="新数据的算法">{CIPHERS[state.cipher] ?? state.cipher}</Descriptions.Item>
            <Descriptions.Item label="当前主密钥">
              <span className="code">{state.master}</span>
            </Descriptions.Item>
            <Descriptions.Item label="每个数据密钥最多使用">{state.key_uses} 次</Descriptions.Item>
            <Descriptions.Item label="轮换进度" span={2}>
              <div className="full">
                <Progress percent={state.rotated_percent} size="small" status={state.outdated > 0 ? 'active' : 'success'} aria-label="轮换进度" />
                <Space wrap>
                  <span className="dim">{state.outdated > 0 ? `正在后台进行：还有 ${state.outdated} 个数据密钥由旧的主密钥包裹` : '全部数据密钥由当前主密钥包裹'}</span>
                  <ChangeKey which="rotation" busy={state.outdated > 0} />
                </Space>
              </div>
            </Descriptions.Item>
            <Descriptions.Item label="检索密钥" span={2}>
              <div className="full">
                <span>
                  第 {state.index.generation} 代 <span className="code">{state.index.key}</span>
                </span>
                <Progress percent={state.index.changed_percent} size="small" status={state.index.changing ? 'active' : 'success'} aria-label="检索索引重做进度" />
                <Space wrap>
                  <span className="dim">{!state.index.changing ? '号码、电话、案号只以此密钥的摘要供精确查询' : state.index.clearing ? '正在后台进行：查询已改用新的密钥，正在清除旧的索引' : '正在后台进行：正在写入新的索引，查询仍用原来的密钥'}</span>
                  <ChangeKey which="reindexing" busy={state.index.changing} />
                </Space>
              </div>
            </Descriptions.Item>
            {state.problem && (
              <Descriptions.Item label="未能继续" span={2}>
                <strong>{state.problem}</strong>
                <span className="dim"> 系统每半分钟再试一次。</span>
              </Descriptions.Item>
            )}
            <Descriptions.Item label="已停止处理">{state.restricted} 个对象</Descriptions.Item>
            <Descriptions.Item label="密钥已销毁">{state.destroyed} 个对象</Descriptions.Item>
          </Descriptions>
        )}
      </Loaded>
    </Panel>
  )
}

/** Saves a receipt as a text file. */
async function saveReceipt(id: string) {
  const text = await call(api.GET('/api/v1/erasures/{id}/receipt', { params: { path: { id } }, parseAs: 'text' }))
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `销毁凭证-${id}.txt`
  link.click()
  URL.revokeObjectURL(url)
}

interface Asked {
  subject: string
  ground: string
  article: string
  restrict: boolean
}

function Ask({ onClose }: { onClose: () => void }) {
  const [form] = Form.useForm<Asked>()
  const subject = (Form.useWatch('subject', form) ?? '').trim()
  const restrict = Form.useWatch('restrict', form) ?? false
  const outlook = useQuery({ queryKey: ['erasure-outlook', subject], queryFn: () => call(api.GET('/api/v1/erasures/outlook/{subject}', { params: { path: { subject } } })), enabled: subject.length > 5, retry: false })
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const ask = useMutation({
    mutationFn: (asked: Asked) => confirmed(() => call(api.POST('/api/v1/erasures', { body: { ...asked, subject: asked.subject.trim(), restrict: asked.restrict ?? false } }))),
    onSuccess: async (made) => {
      void message.success(made.state === 'restricted' ? '已停止处理，立即生效' : '已提出，待第二人答复')
      onClose()
      await queryClient.invalidateQueries({ queryKey: ['erasures'] })
    },
  })
  const held = !restrict && (outlook.data?.holds.length ?? 0) > 0
  return (
    <Modal open title="申请销毁或停止处理" okText={restrict ? '停止处理' : '提出申请'} cancelText="取消" onCancel={onClose} onOk={() => form.submit()} okButtonProps={{ loading: ask.isPending, danger: true, disabled: held }} destroyOnHidden>
      <Form form={form} layout="vertical" onFinish={(asked) => ask.mutate(asked)} requiredMark>
        <Form.Item name="subject" label="对象（人员档案编号）" rules={[{ required: true, message: '请填写档案编号' }]}>
          <Input autoFocus className="code" />
        </Form.Item>
        <Form.Item name="ground" label="事由" rules={[{ required: true, message: '请写明为什么' }]}>
          <Input maxLength={400} placeholder="例如：本人申请删除" />
        </Form.Item>
        <Form.Item name="article" label="依据的条款" rules={[{ required: true, message: '请写明依据' }]} initialValue="《个人信息保护法》第四十七条">
          <Input maxLength={400} />
        </Form.Item>
        <Form.Item name="restrict" label="只停止处理，暂不销毁" valuePropName="checked" initialValue={false}>
          <Switch />
        </Form.Item>
      </Form>
      {outlook.data && (
        <p className="dim" role="status">
          将不可恢复：记录版本 {outlook.data.counts.versions}，时间线 {outlook.data.counts.lines}，决定 {outlook.data.counts.decisions}；随同销毁的事项 {outlook.data.counts.cases} 件，因另有当事人保留的 {outlook.data.counts.cases_left} 件。
          {outlook.data.holds.length > 0 && <strong> 依法须继续保存：{outlook.data.holds.join('；')}</strong>}
        </p>
      )}
      {outlook.error && <ProblemNote error={outlook.error} />}
      {ask.error && <ProblemNote error={ask.error} />}
    </Modal>
  )
}

function Answer({ erasure, agree, onClose }: { erasure: Erasure; agree: boolean; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const answer = useMutation({
    mutationFn: () => confirmed(() => call(api.POST('/api/v1/erasures/{id}/answer', { params: { path: { id: erasure.id } }, body: { agree, reason: reason.trim() } }))),
    onSuccess: async () => {
      void message.success(agree ? '已销毁，不可恢复' : '已答复：不同意')
      onClose()
      await Promise.all([queryClient.invalidateQueries({ queryKey: ['erasures'] }), queryClient.invalidateQueries({ queryKey: ['vault'] })])
    },
  })
  return (
    <Modal open title={agree ? '同意并立即销毁' : '不同意销毁'} okText={agree ? '销毁' : '不同意'} cancelText="取消" onCancel={onClose} onOk={() => answer.mutate()} okButtonProps={{ danger: agree, disabled: reason.trim() === '', loading: answer.isPending }} destroyOnHidden>
      <div className="stack">
        <p>
          对象 <span className="code">{erasure.subject}</span>：{erasure.ground}（{erasure.article}）。{agree && '销毁后任何人都不能恢复，备份也不能。'}
        </p>
        <label className="field">
          <span className="field-label">
            理由<span className="must">*</span>
          </span>
          <Input autoFocus maxLength={400} value={reason} onChange={(event) => setReason(event.target.value)} onPressEnter={() => reason.trim() !== '' && !answer.isPending && answer.mutate()} />
        </label>
        {answer.error && <ProblemNote error={answer.error} />}
      </div>
    </Modal>
  )
}

function Erasures({ asks, answers }: { asks: boolean; answers: boolean }) {
  const erasures = useQuery(erasuresQuery)
  const [asking, setAsking] = useState(false)
  const [step, setStep] = useState<{ erasure: Erasure; agree: boolean } | null>(null)
  const receipt = useMutation({ mutationFn: saveReceipt })
  const columns: TableColumnsType<Erasure> = [
    { title: '时间', dataIndex: 'asked_at', width: 150, render: (at: string) => dateTime(at) },
    { title: '对象', dataIndex: 'subject', width: 230, render: (subject: string) => <span className="code break">{subject}</span> },
    {
      title: '事由与依据',
      key: 'ground',
      render: (_, { ground, article, reason, request }) => (
        <>
          <span className="break">{ground}</span>
          {request && (
            <div>
              答复本人请求 <span className="code break">{request}</span>
            </div>
          )}
          <div className="dim">{article}</div>
          {reason && <div className="dim">答复：{reason}</div>}
        </>
      ),
    },
    { title: '情况', key: 'state', width: 130, render: (_, { state, state_title: title }) => <span className={`tag ${TONES[state] ?? 'tag-quiet'}`}>{title}</span> },
    { title: '不可恢复', key: 'counts', width: 170, render: (_, { state, counts }) => (state === 'erased' ? `版本 ${counts.versions}，决定 ${counts.decisions}` : '') },
    {
      title: '',
      key: 'steps',
      width: 170,
      render: (_, erasure) =>
        erasure.state === 'erased' ? (
          <Button size="small" loading={receipt.isPending && receipt.variables === erasure.id} onClick={() => receipt.mutate(erasure.id)}>
            下载凭证
          </Button>
        ) : answers && erasure.answerable ? (
          <Space>
            <Button size="small" danger onClick={() => setStep({ erasure, agree: true })}>
              同意
            </Button>
            <Button size="small" onClick={() => setStep({ erasure, agree: false })}>
              不同意
            </Button>
          </Space>
        ) : null,
    },
  ]
  return (
    <Panel
      title="销毁与停止处理"
      flush
      extra={
        asks && (
          <Button size="small" type="primary" onClick={() => setAsking(true)}>
            提出申请
          </Button>
        )
      }
    >
      {receipt.error && <ProblemNote error={receipt.error} />}
      <Loaded query={erasures}>{(list) => <Table<Erasure> size="small" rowKey="id" columns={columns} dataSource={list} pagination={false} scroll={{ x: 1000 }} locale={nothing('还没有销毁或停止处理的登记')} />}</Loaded>
      {asking && <Ask onClose={() => setAsking(false)} />}
      {step && <Answer erasure={step.erasure} agree={step.agree} onClose={() => setStep(null)} />}
    </Panel>
  )
}

const ENDINGS: TableColumnsType<Ending> = [
  { title: '对象', dataIndex: 'subject', width: 230, render: (subject: string) => <span className="code break">{subject}</span> },
  { title: '届满', dataIndex: 'ended_at', width: 150, render: (at: string) => dateTime(at) },
  { title: '下一步', key: 'step', width: 120, render: (_, { step, step_title: title }) => <span className={`tag ${TONES[step] ?? 'tag-quiet'}`}>{title}</span> },
  { title: '为什么', dataIndex: 'why', render: (why: string) => <span className="break">{why}</span> },
]

function Endings() {
  const endings = useQuery(endingsQuery)
  return (
    <Panel title="保存期限届满" flush>
      <Loaded query={endings}>{(list) => <Table<Ending> size="small" rowKey="subject" columns={ENDINGS} dataSource={list} pagination={false} scroll={{ x: 800 }} locale={nothing('没有保存期限已届满的个人信息')} />}</Loaded>
    </Panel>
  )
}

function Holds({ holder }: { holder: boolean }) {
  const holds = useQuery(holdsQuery)
  const queryClient = useQueryClient()
  const [form] = Form.useForm<{ subject: string; ground: string }>()
  const done = () => queryClient.invalidateQueries({ queryKey: ['holds'] })
  const place = useMutation({
    mutationFn: (hold: { subject: string; ground: string }) => confirmed(() => call(api.POST('/api/v1/legal-holds', { body: { subject: hold.subject.trim(), ground: hold.ground.trim() } }))),
    onSuccess: async () => {
      form.resetFields()
      await done()
    },
  })
  const lift = useMutation({ mutationFn: (id: string) => confirmed(() => call(api.DELETE('/api/v1/legal-holds/{id}', { params: { path: { id } } }))), onSuccess: done })
  const columns: TableColumnsType<LegalHold> = [
    { title: '登记', dataIndex: 'placed_at', width: 150, render: (at: string) => dateTime(at) },
    { title: '对象', dataIndex: 'subject', width: 230, render: (subject: string) => <span className="code break">{subject}</span> },
    { title: '依据', dataIndex: 'ground', render: (ground: string) => <span className="break">{ground}</span> },
    {
      title: '',
      key: 'steps',
      width: 90,
      render: (_, { id }) =>
        holder && (
          <Button size="small" loading={lift.isPending && lift.variables === id} onClick={() => lift.mutate(id)}>
            解除
          </Button>
        ),
    },
  ]
  return (
    <Panel title="依法留存" flush>
      {holder && (
        <Form form={form} layout="inline" className="pad" onFinish={(hold) => place.mutate(hold)}>
          <Form.Item name="subject" rules={[{ required: true, message: '档案编号' }]}>
            <Input className="code" placeholder="档案编号" aria-label="档案编号" />
          </Form.Item>
          <Form.Item name="ground" rules={[{ required: true, message: '哪个机关、哪份文书' }]}>
            <Input placeholder="依据：哪个机关、哪份文书" aria-label="依据" maxLength={400} />
          </Form.Item>
          <Button htmlType="submit" loading={place.isPending}>
            登记
          </Button>
        </Form>
      )}
      {(place.error ?? lift.error) && <ProblemNote error={place.error ?? lift.error} />}
      <Loaded query={holds}>{(list) => <Table<LegalHold> size="small" rowKey="id" columns={columns} dataSource={list} pagination={false} scroll={{ x: 700 }} locale={nothing('没有依法留存的登记')} />}</Loaded>
    </Panel>
  )
}

export function Vault() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const has = (role: string) => session.roles.includes(role)
  return (
    <div className="page">
      <h1 className="page-title">
        密钥与留存<span className="page-sub">个人信息加密保存，期满先停止处理再销毁；销毁须两人，且不可恢复（《个人信息保护法》第十九条、第四十七条、第五十一条）</span>
      </h1>
      {has('administrator') && <Keys />}
      <Erasures asks={has('privacy-officer')} answers={has('access-approver')} />
      <Endings />
      <Holds holder={has('privacy-officer')} />
    </div>
  )
}
