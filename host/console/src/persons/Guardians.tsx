/** Guardians at the desk: linking an account with a child, what is withheld from the guardian, and ending it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Empty, Input, Select, Table } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { guardiansQuery, withheldQuery } from '../api/queries'
import type { GuardianLink, Guardians as Found, WithheldMatter } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { DocumentFields, type Numbered } from './Identity'

const NOBODY: Numbered = { scheme: 'resident-id', number: '' }
const PAPERS = { login: '', relation: '', ground: '父母对未成年子女的监护', article: '个人信息保护法 第31条' }

function LinkForm({ found }: { found: Found }) {
  const queryClient = useQueryClient()
  const { message } = App.useApp()
  const [own, setOwn] = useState(NOBODY)
  const [child, setChild] = useState(NOBODY)
  const [papers, setPapers] = useState(PAPERS)
  const [document, setDocument] = useState<string>()
  const body = { ...papers, ...own, child_scheme: child.scheme, child_number: child.number, document: document ?? '' }
  const link = useMutation({
    mutationFn: () => call(api.POST('/api/v1/guardians', { body })),
    onSuccess: (all) => {
      queryClient.setQueryData(guardiansQuery.queryKey, all)
      setOwn(NOBODY)
      setChild(NOBODY)
      setPapers(PAPERS)
      setDocument(undefined)
      void message.success('已关联')
    },
  })
  const text = (name: keyof typeof PAPERS, title: string, hint?: string) => (
    <label className="field">
      <span className="field-label">{title}</span>
      <Input autoComplete="off" placeholder={hint} value={papers[name]} onChange={(event) => setPapers({ ...papers, [name]: event.target.value })} />
    </label>
  )
  const missing = !body.login.trim() || !own.number.trim() || !child.number.trim() || !body.relation.trim() || !document || !body.ground.trim() || !body.article.trim()
  return (
    <Panel title="把监护人账号关联到未成年人档案">
      <div className="stack form-narrow">
        <p className="dim">
          核对监护人和未成年人的证件、监护关系证明的原件后办理；不能为自己办理。未成年人满 {found.age} 周岁当日自动结束（{found.age_basis}）。
        </p>
        {text('login', '监护人的登录名')}
        <DocumentFields whose="监护人" value={own} onChange={setOwn} />
        <DocumentFields whose="未成年人" value={child} onChange={setChild} />
        {text('relation', '与未成年人的关系', '如：父亲、母亲')}
        <div className="field">
          <span className="field-label" id="guardian-document">
            核对的监护关系证明（原件）
          </span>
          <Select aria-labelledby="guardian-document" className="full" placeholder="选择证明" value={document} onChange={setDocument} options={found.documents.map(({ name, title }) => ({ value: name, label: title }))} />
        </div>
        {text('ground', '监护的事由')}
        {text('article', '依据的条款')}
        {link.error && <ProblemNote error={link.error} />}
        <div>
          <Button type="primary" disabled={missing} loading={link.isPending} onClick={() => link.mutate()}>
            关联
          </Button>
        </div>
      </div>
    </Panel>
  )
}

function End({ link, onClose }: { link: GuardianLink; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  return (
    <Confirm
      title={`结束监护关联 ${link.login}`}
      okText="结束"
      said="已结束"
      danger
      whyNot={reason.trim() ? null : '请写明理由'}
      onDo={async () => {
        const all = await call(api.POST('/api/v1/guardians/{id}/end', { params: { path: { id: link.id } }, body: { reason: reason.trim() } }))
        queryClient.setQueryData(guardiansQuery.queryKey, all)
      }}
      onClose={onClose}
    >
      <p>结束后，这个账号立即不能再查阅这名未成年人的资料；再次关联须重新核验。</p>
      <label className="field">
        <span className="field-label">理由</span>
        <Input autoFocus maxLength={400} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Confirm>
  )
}

function Release({ link, matter, onClose }: { link: GuardianLink; matter: WithheldMatter; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [reason, setReason] = useState('')
  const params = { path: { id: link.id, matter: matter.id } }
  return (
    <Confirm
      title={matter.released ? '撤回核准' : '核准向监护人告知'}
      okText={matter.released ? '撤回' : '核准'}
      said="已办理"
      danger={!matter.released}
      whyNot={matter.released || reason.trim() ? null : '请写明理由'}
      onDo={async () => {
        const all = await (matter.released ? call(api.DELETE('/api/v1/guardians/{id}/matters/{matter}', { params })) : call(api.POST('/api/v1/guardians/{id}/matters/{matter}', { params, body: { reason: reason.trim() } })))
        queryClient.setQueryData(withheldQuery(link.id).queryKey, all)
      }}
      onClose={onClose}
    >
      {matter.released ? (
        <p>撤回后，监护人立即查不到这一事项。</p>
      ) : (
        <>
          <p>核准后，监护人 {link.login} 可以查到这一事项的类型、编号、阶段、办理单位和谁看过。先向办理单位核实：事项不涉及监护人，告知不会使未成年人受到伤害。</p>
          <label className="field">
            <span className="field-label">为什么可以告知</span>
            <Input.TextArea autoFocus rows={3} maxLength={4000} value={reason} onChange={(event) => setReason(event.target.value)} />
          </label>
        </>
      )}
    </Confirm>
  )
}

function Withheld({ link }: { link: GuardianLink }) {
  const matters = useQuery(withheldQuery(link.id))
  const [chosen, setChosen] = useState<WithheldMatter | null>(null)
  return (
    <Loaded query={matters}>
      {(list) => (
        <>
          <Table<WithheldMatter>
            size="small"
            rowKey="id"
            pagination={false}
            dataSource={list}
            locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有不向这名监护人告知的事项" /> }}
            columns={[
              { title: '事项', dataIndex: 'matter' },
              { title: '办理单位', dataIndex: 'unit' },
              { title: '时间', dataIndex: 'since', width: 142, render: (at: string) => dateTime(at) },
              { title: '为什么不告知', dataIndex: 'rules', render: (rules: string[]) => rules.join('；') },
              {
                title: '',
                key: 'act',
                width: 110,
                render: (_, matter) =>
                  matter.why_not && !matter.released ? (
                    <span className="dim">{matter.why_not}</span>
                  ) : (
                    <Button size="small" onClick={() => setChosen(matter)}>
                      {matter.released ? '撤回核准' : '核准告知'}
                    </Button>
                  ),
              },
            ]}
          />
          {chosen && <Release link={link} matter={chosen} onClose={() => setChosen(null)} />}
        </>
      )}
    </Loaded>
  )
}

export function Guardians() {
  const guardians = useQuery(guardiansQuery)
  const [ending, setEnding] = useState<GuardianLink | null>(null)
  return (
    <Loaded query={guardians}>
      {(found) => (
        <div className="stack">
          <LinkForm found={found} />
          <Panel title="监护关联" flush>
            <Table<GuardianLink>
              size="small"
              rowKey="id"
              pagination={false}
              dataSource={found.items}
              locale={{ emptyText: '还没有监护关联' }}
              expandable={{ expandedRowRender: (link) => <Withheld link={link} />, rowExpandable: ({ open }) => open }}
              columns={[
                { title: '监护人登录名', dataIndex: 'login', width: 130 },
                { title: '关系', dataIndex: 'relation', width: 90 },
                {
                  title: '证明和依据',
                  key: 'ground',
                  render: (_, one) => (
                    <>
                      {one.document}；{one.ground}
                      <div className="dim">{one.article}</div>
                    </>
                  ),
                },
                { title: '关联时间', dataIndex: 'linked_at', width: 142, render: (at: string) => dateTime(at) },
                {
                  title: '情况',
                  key: 'state',
                  width: 190,
                  render: (_, one) =>
                    one.ended_at ? (
                      <span className="dim">
                        {dateTime(one.ended_at)} 结束：{one.ended_why}
                      </span>
                    ) : (
                      `满 ${one.age} 周岁（${dateTime(one.until).slice(0, 10)}）自动结束`
                    ),
                },
                {
                  title: '',
                  key: 'end',
                  width: 90,
                  render: (_, one) =>
                    !one.ended_at && (
                      <Button size="small" onClick={() => setEnding(one)}>
                        结束
                      </Button>
                    ),
                },
              ]}
            />
          </Panel>
          {ending && <End link={ending} onClose={() => setEnding(null)} />}
        </div>
      )}
    </Loaded>
  )
}
