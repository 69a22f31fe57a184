/** The desk that answers persons: requests by their end, the window for those without an account, and whose accounts are whose. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Empty, Input, Select, Switch, Table, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { requestDataQuery, requestsQuery, subjectsQuery } from '../api/queries'
import type { PersonRequest, SubjectLink } from '../api/types'
import { Guardians } from '../persons/Guardians'
import { HeldData } from '../persons/Held'
import { DocumentFields, type Numbered } from '../persons/Identity'
import { RequestCard } from '../persons/Request'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

const RIGHTS = [
  ['access', '查阅、复制'],
  ['correct', '更正、补充'],
  ['delete', '删除'],
  ['explain', '对自动化决定的说明'],
  ['stop', '停止或限制处理'],
  ['complain', '投诉'],
].map(([value, label]) => ({ value, label }))

function Data({ request }: { request: PersonRequest }) {
  const [open, setOpen] = useState(false)
  const data = useQuery({ ...requestDataQuery(request.id), enabled: open })
  if (!['accepted', 'handed_over'].includes(request.stand)) return null
  if (!open)
    return (
      <p>
        <Button size="small" onClick={() => setOpen(true)}>
          查阅所涉资料
        </Button>{' '}
        <span className="dim">这次查阅会出现在本人的“谁看过”里</span>
      </p>
    )
  return (
    <Loaded query={data}>
      {(found) => (
        <div className="stack">
          {found.explained && (
            <Panel title="插件对该决定的说明（供起草答复）">
              <p className="plain-text">{found.explained}</p>
            </Panel>
          )}
          {request.right === 'explain' && (
            <Panel title="决定和理由（可能涉及他人，由您起草答复）">
              <ul className="reasons">
                {found.explanations.map((one) => (
                  <li key={one.id}>
                    {dateTime(one.at)} {one.pack}，经办：{one.official}。{one.summary}
                    {one.reasons.map((reason) => (
                      <div key={reason.text} className="dim">
                        {reason.text}（{reason.basis.article}
                        {reason.basis.authority === 'policy' && '，政策'}）
                      </div>
                    ))}
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          {request.guardian && <p className="dim">以下是可以向这名监护人提供的资料。不向监护人告知的事项在“监护人”页核对和核准。</p>}
          <HeldData data={found.data} />
        </div>
      )}
    </Loaded>
  )
}

function Waiting() {
  const [all, setAll] = useState(false)
  const requests = useQuery(requestsQuery(all))
  return (
    <Panel
      title="请求"
      extra={
        <label>
          <Switch size="small" checked={all} onChange={setAll} /> 连同已办结的
        </label>
      }
    >
      <Loaded query={requests}>
        {(list) =>
          list.length === 0 ? (
            <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有待办的请求" />
          ) : (
            <ul className="requests">
              {list.map((request) => (
                <RequestCard key={request.id} request={request} desk>
                  <Data request={request} />
                </RequestCard>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  )
}

interface Identity extends Numbered {
  proof: string
}

const NOBODY: Identity = { scheme: 'resident-id', number: '', proof: '' }

function IdentityFields({ value, onChange }: { value: Identity; onChange: (value: Identity) => void }) {
  return (
    <>
      <DocumentFields value={value} onChange={onChange} />
      <label className="field">
        <span className="field-label">怎样核验的身份</span>
        <Input placeholder="如：窗口核验居民身份证原件" value={value.proof} onChange={(event) => onChange({ ...value, proof: event.target.value })} />
      </label>
    </>
  )
}

function Window() {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [who, setWho] = useState(NOBODY)
  const [right, setRight] = useState('access')
  const [wish, setWish] = useState('')
  const file = useMutation({
    mutationFn: () => call(api.POST('/api/v1/requests', { body: { ...who, right, wish: wish.trim() } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['requests'] })
      setWho(NOBODY)
      setWish('')
      void message.success('已登记')
    },
  })
  return (
    <Panel title="窗口代为提出">
      <div className="stack form-narrow">
        <IdentityFields value={who} onChange={setWho} />
        <div className="field">
          <span className="field-label" id="right">
            请求的种类
          </span>
          <Select aria-labelledby="right" className="full" value={right} options={RIGHTS} onChange={setRight} />
        </div>
        <label className="field">
          <span className="field-label">本人的要求</span>
          <Input.TextArea rows={3} maxLength={4000} value={wish} onChange={(event) => setWish(event.target.value)} />
        </label>
        {file.error && <ProblemNote error={file.error} />}
        <div>
          <Button type="primary" disabled={!who.number.trim() || !who.proof.trim() || !wish.trim()} loading={file.isPending} onClick={() => file.mutate()}>
            登记
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function Links() {
  const queryClient = useQueryClient()
  const links = useQuery(subjectsQuery)
  const [who, setWho] = useState(NOBODY)
  const [login, setLogin] = useState('')
  const [ending, setEnding] = useState<SubjectLink | null>(null)
  const link = useMutation({
    mutationFn: () => call(api.POST('/api/v1/subjects', { body: { login: login.trim(), ...who } })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['subjects'] })
      setWho(NOBODY)
      setLogin('')
    },
  })
  return (
    <div className="stack">
      <Panel title="把账号关联到本人档案">
        <div className="stack form-narrow">
          <p className="dim">由系统管理员先为本人建立“群众本人”岗位的账号；您核对证件原件后在这里关联。不能为自己的账号办理。</p>
          <label className="field">
            <span className="field-label">登录名</span>
            <Input autoComplete="off" value={login} onChange={(event) => setLogin(event.target.value)} />
          </label>
          <IdentityFields value={who} onChange={setWho} />
          {link.error && <ProblemNote error={link.error} />}
          <div>
            <Button type="primary" disabled={!login.trim() || !who.number.trim() || !who.proof.trim()} loading={link.isPending} onClick={() => link.mutate()}>
              关联
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title="已关联的账号" flush>
        <Loaded query={links}>
          {(list) => (
            <Table<SubjectLink>
              size="small"
              rowKey="login"
              pagination={false}
              dataSource={list}
              locale={{ emptyText: '还没有关联的账号' }}
              columns={[
                { title: '登录名', dataIndex: 'login' },
                { title: '身份核验', dataIndex: 'proof' },
                { title: '关联时间', dataIndex: 'linked_at', width: 142, render: (at: string) => dateTime(at) },
                { title: '', key: 'end', width: 120, render: (_, one) => (one.ended_at ? <span className="dim">已解除</span> : <Button size="small" onClick={() => setEnding(one)}>解除关联</Button>) },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {ending && (
        <Confirm
          title={`解除关联 ${ending.login}`}
          okText="解除"
          said="已解除"
          danger
          onDo={() => call(api.DELETE('/api/v1/subjects/{login}', { params: { path: { login: ending.login } } }))}
          onDone={() => queryClient.invalidateQueries({ queryKey: ['subjects'] })}
          onClose={() => setEnding(null)}
        >
          <p>解除后，这个账号立即不能再查阅任何人的资料；再次关联须重新核验证件。</p>
        </Confirm>
      )}
    </div>
  )
}

export function Requests() {
  return (
    <div className="page">
      <h1 className="page-title">本人请求</h1>
      <Tabs
        destroyOnHidden
        items={[
          { key: 'waiting', label: '办理', children: <Waiting /> },
          { key: 'window', label: '窗口', children: <Window /> },
          { key: 'links', label: '账号关联', children: <Links /> },
          { key: 'guardians', label: '监护人', children: <Guardians /> },
        ]}
      />
    </div>
  )
}
