/** 账号管理: one administrator proposes what accounts become, another agrees. */
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Alert, Button, Empty, Form, Input, Modal, Select, Table, type TableColumnsType } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { accountChangesQuery, accountsQuery, sessionQuery } from '../api/queries'
import type { AccountChange, AccountList, AccountView, ProposeChange } from '../api/types'
import { confirmed } from '../shell/StepUp'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { DATA_LEVELS, roleTitle } from '../ui/words'

const KINDS: [string, string, string][] = [
  ['post', '变更岗位', '姓名、单位、角色、级别；同意后其会话立即结束'],
  ['reset', '重置口令', '给出一次性口令，首次登录须修改'],
  ['factors', '清除第二因素', '手机或密钥丢失时；同意后其会话立即结束'],
  ['unlock', '解除锁定', '连续输错口令后提前解锁'],
  ['close', '注销账号', '其会话立即结束；登录名不再给别人使用'],
]
const STATES: Record<string, [string, string]> = {
  waiting: ['待同意', 'tag-policy'],
  agreed: ['已生效', 'tag-good'],
  refused: ['不同意', 'tag-bad'],
  withdrawn: ['已撤回', 'tag-quiet'],
}

interface Given {
  kind: string
  login: string
  name: string
  unit: string
  roles: string[]
  clearance: string
  reason: string
}

function Propose({ list, account, onClose }: { list: AccountList; account: AccountView | null; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [form] = Form.useForm<Given>()
  const kind = Form.useWatch('kind', form) ?? (account ? 'post' : 'open')
  const [password, setPassword] = useState<string | null>(null)
  const propose = useMutation({
    mutationFn: ({ login, reason, name, unit, roles, clearance }: Given) => {
      const post = kind === 'open' || kind === 'post' ? { name, unit, roles, clearance } : undefined
      const body: ProposeChange = { kind, login: account?.login ?? login, reason, post }
      return confirmed(() => call(api.POST('/api/v1/accounts/changes', { body })))
    },
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ['account-changes'] })
      if (made.password) setPassword(made.password)
      else onClose()
    },
  })
  if (password)
    return (
      <Modal open title="一次性口令只显示这一次" okText="已经记下" cancelButtonProps={{ hidden: true }} onOk={onClose} onCancel={onClose} closable={false} mask={{ closable: false }}>
        <div className="stack">
          <p>安全管理员同意后，用它首次登录并改成自己的口令。请当面交给本人。</p>
          <p className="once-password code" aria-label="一次性口令">
            {password}
          </p>
        </div>
      </Modal>
    )
  return (
    <Modal open width={600} title={account ? `变更账号 ${account.login}` : '开通账号'} okText="提出" cancelText="取消" onCancel={onClose} onOk={() => form.submit()} okButtonProps={{ loading: propose.isPending }} destroyOnHidden>
      <div className="stack">
        <p className="dim">提出后由安全管理员同意才生效；提出和同意都会留痕，不能变更本人的账号。</p>
        {propose.error && <ProblemNote error={propose.error} />}
        <Form<Given>
          form={form}
          layout="vertical"
          requiredMark={false}
          disabled={propose.isPending}
          initialValues={{ kind: account ? 'post' : 'open', name: account?.name, unit: account?.unit, roles: account?.roles ?? [], clearance: account?.clearance ?? 'L2' }}
          onFinish={(given) => propose.mutate(given)}
        >
          {account ? (
            <Form.Item name="kind" label="变更" extra={KINDS.find(([value]) => value === kind)?.[2]}>
              <Select options={KINDS.map(([value, label]) => ({ value, label }))} />
            </Form.Item>
          ) : (
            <Form.Item name="login" label="登录名" rules={[{ required: true, max: 64, message: '1 至 64 个字符' }]}>
              <Input autoFocus spellCheck={false} autoComplete="off" />
            </Form.Item>
          )}
          {(kind === 'open' || kind === 'post') && (
            <>
              <Form.Item name="name" label="姓名" rules={[{ required: true, max: 64, message: '请填写姓名' }]}>
                <Input autoComplete="off" />
              </Form.Item>
              <Form.Item name="unit" label="单位" rules={[{ required: true, message: '请选择单位' }]}>
                <Select showSearch={{ optionFilterProp: 'label' }} options={list.units.map(({ value, title }) => ({ value, label: title }))} />
              </Form.Item>
              <Form.Item name="roles" label="角色" extra="系统管理员、安全管理员、安全审计员由三人分别担任，不兼任其他岗位（等保三级，三权分立）" rules={[{ required: true, message: '请选择角色' }]}>
                <Select mode="multiple" options={list.roles.map(({ value, title }) => ({ value, label: title }))} />
              </Form.Item>
              <Form.Item name="clearance" label="可接触的最高级别" rules={[{ required: true }]}>
                <Select options={list.levels.map((value) => ({ value, label: DATA_LEVELS[value] ?? value }))} />
              </Form.Item>
            </>
          )}
          <Form.Item name="reason" label="理由" rules={[{ required: true, whitespace: true, max: 500, message: '1 至 500 个字' }]}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} />
          </Form.Item>
        </Form>
      </div>
    </Modal>
  )
}

function Answer({ change, agrees, onClose }: { change: AccountChange; agrees: boolean; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [answer, setAnswer] = useState('')
  const params = { path: { id: change.id } }
  const send = () =>
    confirmed(() => (agrees ? call(api.POST('/api/v1/accounts/changes/{id}/agree', { params, body: { answer } })) : call(api.POST('/api/v1/accounts/changes/{id}/refuse', { params, body: { answer } }))))
  return (
    <Confirm
      title={`${agrees ? '同意' : '不同意'}${change.kind_title}`}
      okText={agrees ? '同意并生效' : '不同意'}
      said={agrees ? '已生效' : '已答复'}
      danger={!agrees}
      whyNot={!agrees && answer.trim() === '' ? '请填写不同意的理由' : null}
      onDo={send}
      onDone={() => Promise.all([queryClient.invalidateQueries({ queryKey: ['account-changes'] }), queryClient.invalidateQueries({ queryKey: ['accounts'] })])}
      onClose={onClose}
    >
      <p>
        {change.proposed_by} 提出：{change.kind_title} <span className="code">{change.login}</span>（{change.name}，{change.unit_name}，{change.roles.map(roleTitle).join('、') || '无角色'}，{change.clearance}）
      </p>
      <p>理由：{change.reason}</p>
      <Input.TextArea aria-label="意见" placeholder={agrees ? '意见（可不填）' : '不同意的理由'} value={answer} maxLength={500} onChange={(event) => setAnswer(event.target.value)} />
    </Confirm>
  )
}

function Changes({ list }: { list: AccountChange[] }) {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const queryClient = useQueryClient()
  const [answering, setAnswering] = useState<{ change: AccountChange; agrees: boolean } | null>(null)
  const withdraw = useMutation({
    mutationFn: (id: string) => call(api.POST('/api/v1/accounts/changes/{id}/withdraw', { params: { path: { id } } })),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['account-changes'] }),
  })
  const agrees = session.roles.includes('security')
  const columns: TableColumnsType<AccountChange> = [
    { title: '变更', key: 'kind', render: (_, one) => `${one.kind_title} ${one.login}` },
    { title: '改成', key: 'to', render: (_, one) => `${one.name}，${one.unit_name}，${one.roles.map(roleTitle).join('、')}，${one.clearance}` },
    { title: '理由', dataIndex: 'reason', render: (reason: string) => <span className="break">{reason}</span> },
    { title: '提出', key: 'by', width: 170, render: (_, one) => `${one.proposed_by} ${dateTime(one.proposed_at)}` },
    {
      title: '情况',
      key: 'state',
      width: 190,
      render: (_, one) => {
        const [word, tone] = STATES[one.state] ?? [one.state, 'tag-quiet']
        return (
          <>
            <span className={`tag ${tone}`}>{word}</span> {one.decided_by && `${one.decided_by} ${dateTime(one.decided_at ?? '')}`}
            {one.answer && <div className="dim">{one.answer}</div>}
          </>
        )
      },
    },
    {
      title: '',
      key: 'act',
      width: 150,
      render: (_, one) =>
        one.state === 'waiting' &&
        (one.own ? (
          <Button size="small" loading={withdraw.isPending && withdraw.variables === one.id} onClick={() => withdraw.mutate(one.id)}>
            撤回
          </Button>
        ) : agrees ? (
          <div className="side-by-side">
            <Button size="small" type="primary" onClick={() => setAnswering({ change: one, agrees: true })}>
              同意
            </Button>
            <Button size="small" danger onClick={() => setAnswering({ change: one, agrees: false })}>
              不同意
            </Button>
          </div>
        ) : null),
    },
  ]
  return (
    <>
      {withdraw.error && <ProblemNote error={withdraw.error} />}
      <Table<AccountChange> size="small" rowKey="id" columns={columns} dataSource={list} pagination={{ pageSize: 20, hideOnSinglePage: true }} scroll={{ x: 1000 }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有账号变更" /> }} />
      {answering && <Answer {...answering} onClose={() => setAnswering(null)} />}
    </>
  )
}

export function Accounts() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const accounts = useQuery(accountsQuery)
  const changes = useQuery(accountChangesQuery)
  const [proposing, setProposing] = useState<{ account: AccountView | null } | null>(null)
  const mine = session.roles.includes('administrator')
  const columns: TableColumnsType<AccountView> = [
    { title: '登录名', dataIndex: 'login', width: 130, render: (login: string) => <span className="code">{login}</span> },
    { title: '姓名', dataIndex: 'name', width: 110 },
    { title: '单位', dataIndex: 'unit_name' },
    { title: '角色', dataIndex: 'roles', render: (roles: string[]) => roles.map(roleTitle).join('、') || '—' },
    { title: '级别', dataIndex: 'clearance', width: 70 },
    { title: '第二因素', dataIndex: 'second_factor', width: 90, render: (has: boolean) => (has ? '有' : '没有') },
    {
      title: '情况',
      key: 'state',
      width: 150,
      render: (_, one) => (one.closed_at ? <span className="tag tag-quiet">已注销</span> : one.locked_until ? <span className="tag tag-bad">锁定至 {dateTime(one.locked_until)}</span> : <span className="tag tag-good">使用中</span>),
    },
    ...(mine
      ? [
          {
            title: '',
            key: 'act',
            width: 80,
            render: (_: unknown, one: AccountView) =>
              !one.closed_at &&
              one.login !== session.person.login && (
                <Button size="small" onClick={() => setProposing({ account: one })}>
                  变更
                </Button>
              ),
          },
        ]
      : []),
  ]
  return (
    <div className="page">
      <h1 className="page-title">账号管理</h1>
      <Alert type="info" title="系统管理员提出，安全管理员同意，安全审计员查看；任何人不能变更本人的账号（网络安全等级保护三级，三权分立）。" />
      <Panel title="账号变更" flush>
        <Loaded query={changes}>{(list) => <Changes list={list} />}</Loaded>
      </Panel>
      <Panel
        title="账号"
        flush
        extra={
          mine && (
            <Button size="small" type="primary" disabled={!accounts.data} onClick={() => setProposing({ account: null })}>
              开通账号
            </Button>
          )
        }
      >
        <Loaded query={accounts}>{(list) => <Table<AccountView> size="small" rowKey="login" columns={columns} dataSource={list.accounts} pagination={{ pageSize: 30, hideOnSinglePage: true }} scroll={{ x: 1000 }} />}</Loaded>
      </Panel>
      {proposing && accounts.data && <Propose list={accounts.data} account={proposing.account} onClose={() => setProposing(null)} />}
    </div>
  )
}
