/** 我的登录安全: the password, second factors, sessions. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Alert, App, Button, Empty, Form, Input, Popconfirm, QRCode, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { createKey, whyNoKey } from '../api/passkey'
import { securityQuery, sessionQuery } from '../api/queries'
import type { FactorView, OwnSecurity, SessionView, TotpOffer } from '../api/types'
import { ResetsToSee } from '../policies/Resets'
import { confirmed } from '../shell/StepUp'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

/** What a session must do before it may do anything else. */
const FIRST: Record<string, string> = {
  password: '当前口令由他人设置，只能使用一次。请先在下面改成自己的口令，再办理其他事项。',
  'second-factor': '您的岗位须使用第二因素（本地政策）。请先添加动态口令或安全密钥，再办理其他事项。',
  policies: '访问策略在停机时被重置。请先看过并确认，再办理其他事项。',
  confirm: '浏览器与登录时不同，会话可能被他人取用。请退出后重新登录，或再次确认身份。',
}

/** After something was changed here, both the page and the session may say something else. */
function useRefresh() {
  const queryClient = useQueryClient()
  return async () => {
    await Promise.all([queryClient.invalidateQueries({ queryKey: ['security'] }), queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })])
  }
}

function Password() {
  const { message } = App.useApp()
  const [form] = Form.useForm<{ old: string; new: string; again: string }>()
  const refresh = useRefresh()
  const change = useMutation({
    mutationFn: ({ old, new: next }: { old: string; new: string }) => call(api.POST('/api/v1/session/password', { body: { old, new: next } })),
    onSuccess: async () => {
      form.resetFields()
      void message.success('口令已修改，其他会话已结束')
      await refresh()
    },
  })
  return (
    <Panel title="口令">
      <Form form={form} layout="vertical" requiredMark={false} className="narrow" disabled={change.isPending} onFinish={(given) => change.mutate(given)}>
        {change.error && <ProblemNote error={change.error} />}
        <Form.Item name="old" label="原口令" rules={[{ required: true, message: '请填写原口令' }]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <Form.Item name="new" label="新口令" extra="至少 12 个字符，不含登录名，不是常见的口令" rules={[{ required: true, min: 12, message: '至少 12 个字符' }]}>
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.Item
          name="again"
          label="再填一次新口令"
          dependencies={['new']}
          rules={[{ required: true, message: '请再填一次' }, ({ getFieldValue }) => ({ validator: (_, value) => (value === getFieldValue('new') ? Promise.resolve() : Promise.reject(new Error('两次填写的不同'))) })]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Button htmlType="submit" type="primary" loading={change.isPending}>
          修改口令
        </Button>
      </Form>
    </Panel>
  )
}

/** Recovery codes are shown once: they stay until the person says that they are kept. */
function Codes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <Alert
      type="warning"
      title="恢复码只显示这一次"
      description={
        <div className="stack">
          <p>手机或密钥丢失时，每个恢复码可以代替第二因素登录一次。请抄写或打印，放在安全的地方。</p>
          <ul className="recovery-codes" aria-label="恢复码">
            {codes.map((code) => (
              <li key={code} className="code">
                {code}
              </li>
            ))}
          </ul>
          <Button onClick={onKept}>已经收好</Button>
        </div>
      }
    />
  )
}

function AddTotp({ offer, onAdded, onClose }: { offer: TotpOffer; onAdded: (codes: string[]) => void; onClose: () => void }) {
  const add = useMutation({
    mutationFn: ({ name, code }: { name: string; code: string }) => call(api.POST('/api/v1/session/factors/totp/finish', { body: { ticket: offer.ticket, name, code } })),
    onSuccess: ({ recovery_codes }) => onAdded(recovery_codes),
  })
  return (
    <div className="add-totp">
      <QRCode value={offer.uri} size={208} errorLevel="L" />
      <Form layout="vertical" requiredMark={false} className="narrow" initialValues={{ name: '手机验证器' }} disabled={add.isPending} onFinish={(given: { name: string; code: string }) => add.mutate(given)}>
        <p className="dim">
          用手机验证器扫描，或手工填入密钥 <code className="break">{offer.secret}</code>
        </p>
        {add.error && <ProblemNote error={add.error} />}
        <Form.Item name="name" label="名称" rules={[{ required: true, max: 40, message: '1 至 40 个字' }]}>
          <Input />
        </Form.Item>
        <Form.Item name="code" label="验证器上显示的六位数字" rules={[{ required: true, pattern: /^\d{6}$/, message: '请填写六位数字' }]}>
          <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={6} />
        </Form.Item>
        <div className="side-by-side">
          <Button type="primary" htmlType="submit" loading={add.isPending}>
            添加
          </Button>
          <Button onClick={onClose}>取消</Button>
        </div>
      </Form>
    </div>
  )
}

function Factors({ own }: { own: OwnSecurity }) {
  const { message } = App.useApp()
  const refresh = useRefresh()
  const [offer, setOffer] = useState<TotpOffer | null>(null)
  const [codes, setCodes] = useState<string[]>([])
  const [keyName, setKeyName] = useState('安全密钥')
  const added = async (made: string[]) => {
    setOffer(null)
    setCodes(made)
    void message.success('已添加')
    await refresh()
  }
  const totp = useMutation({ mutationFn: () => confirmed(() => call(api.POST('/api/v1/session/factors/totp'))), onSuccess: setOffer })
  const passkey = useMutation({
    mutationFn: async () => {
      const { ticket, options } = await confirmed(() => call(api.POST('/api/v1/session/factors/passkey')))
      const made = await createKey(options).catch((error: unknown) => {
        throw error instanceof DOMException ? new Error(whyNoKey(error)) : error
      })
      return call(api.POST('/api/v1/session/factors/passkey/finish', { body: { ticket, name: keyName, passkey: made } }))
    },
    onSuccess: ({ recovery_codes }) => added(recovery_codes),
  })
  const renew = useMutation({
    mutationFn: () => confirmed(() => call(api.POST('/api/v1/session/factors/recovery'))),
    onSuccess: async ({ recovery_codes }) => {
      setCodes(recovery_codes)
      await refresh()
    },
  })
  const remove = useMutation({
    mutationFn: (id: string) => confirmed(() => call(api.DELETE('/api/v1/session/factors/{id}', { params: { path: { id } } }))),
    onSuccess: async () => {
      void message.success('已移除')
      await refresh()
    },
  })
  const columns: TableColumnsType<FactorView> = [
    { title: '名称', dataIndex: 'name' },
    { title: '种类', dataIndex: 'kind_title', width: 120 },
    { title: '添加时间', dataIndex: 'added_at', width: 160, render: (at: string) => dateTime(at) },
    {
      title: '',
      key: 'remove',
      width: 90,
      render: (_, factor) => (
        <Popconfirm title={`移除“${factor.name}”？`} description="移除后不能再用它登录" okText="移除" cancelText="取消" okButtonProps={{ danger: true }} onConfirm={() => remove.mutateAsync(factor.id).catch(() => undefined)}>
          <Button size="small" danger>
            移除
          </Button>
        </Popconfirm>
      ),
    },
  ]
  const error = totp.error ?? passkey.error ?? renew.error ?? remove.error
  return (
    <Panel title="第二因素">
      <div className="stack">
        <p className="dim">添加后，登录时除口令外还要使用其中之一；紧急访问、账号变更等也用它再次确认身份。可以添加多个。</p>
        {error && <ProblemNote error={error} />}
        {codes.length > 0 && <Codes codes={codes} onKept={() => setCodes([])} />}
        <Table<FactorView>
          size="small"
          rowKey="id"
          columns={columns}
          dataSource={own.factors}
          pagination={false}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有第二因素；添加动态口令或安全密钥后，只知道口令的人不能登录" /> }}
        />
        {offer ? (
          <AddTotp offer={offer} onAdded={(made) => void added(made)} onClose={() => setOffer(null)} />
        ) : (
          <div className="side-by-side">
            <Button type="primary" loading={totp.isPending} onClick={() => totp.mutate()}>
              添加动态口令
            </Button>
            <Input aria-label="安全密钥的名称" className="key-name" value={keyName} maxLength={40} onChange={(event) => setKeyName(event.target.value)} />
            <Button disabled={!own.passkeys_at || keyName.trim() === ''} loading={passkey.isPending} onClick={() => passkey.mutate()}>
              添加安全密钥
            </Button>
            {own.factors.length > 0 && (
              <Button loading={renew.isPending} onClick={() => renew.mutate()}>
                更换恢复码（剩 {own.recovery_left} 个）
              </Button>
            )}
          </div>
        )}
        {own.passkeys_at && !offer && new URL(own.passkeys_at).hostname !== window.location.hostname && <p className="offer-why">安全密钥绑定地址 {own.passkeys_at}；请用这个地址打开后添加。</p>}
        {!own.passkeys_at && <p className="offer-why">本中心没有配置对外地址，不能使用安全密钥。</p>}
      </div>
    </Panel>
  )
}

function Sessions({ own }: { own: OwnSecurity }) {
  const refresh = useRefresh()
  const end = useMutation({
    mutationFn: (id: string) => call(api.DELETE('/api/v1/session/sessions/{id}', { params: { path: { id } } })),
    onSuccess: refresh,
  })
  const others = useMutation({ mutationFn: () => call(api.DELETE('/api/v1/session/sessions')), onSuccess: refresh })
  const error = end.error ?? others.error
  const columns: TableColumnsType<SessionView> = [
    { title: '设备', dataIndex: 'device', render: (device: string, one) => (one.own ? `${device}（本次）` : device) },
    { title: '登录方式', dataIndex: 'factor', width: 210 },
    { title: '登录时间', dataIndex: 'opened_at', width: 160, render: (at: string) => dateTime(at) },
    { title: '最近使用', dataIndex: 'seen_at', width: 160, render: (at: string) => dateTime(at) },
    {
      title: '',
      key: 'end',
      width: 90,
      render: (_, one) =>
        !one.own && (
          <Button size="small" danger loading={end.isPending && end.variables === one.id} onClick={() => end.mutate(one.id)}>
            结束
          </Button>
        ),
    },
  ]
  return (
    <Panel
      title={`登录中的会话（至多 ${own.most_sessions} 个，本地政策）`}
      extra={
        own.sessions.length > 1 && (
          <Button size="small" danger loading={others.isPending} onClick={() => others.mutate()}>
            结束其他所有会话
          </Button>
        )
      }
    >
      {error && <ProblemNote error={error} />}
      <Table<SessionView> size="small" rowKey="id" columns={columns} dataSource={own.sessions} pagination={false} scroll={{ x: 760 }} />
    </Panel>
  )
}

export function Security() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const navigate = useNavigate()
  const own = useQuery({ ...securityQuery, enabled: session.must !== 'confirm' })
  const first = session.must ? FIRST[session.must] : null
  return (
    <div className="page">
      <h1 className="page-title">我的登录安全</h1>
      {first && <Alert type="warning" showIcon title={first} action={session.must === 'confirm' && <Button onClick={() => void navigate({ to: '/login' })}>重新登录</Button>} />}
      {session.must === 'policies' && <ResetsToSee />}
      {session.must !== 'confirm' && (
        <Loaded query={own}>
          {(data) => (
            <>
              <Factors own={data} />
              <Sessions own={data} />
            </>
          )}
        </Loaded>
      )}
      {session.must !== 'confirm' && <Password />}
    </div>
  )
}
