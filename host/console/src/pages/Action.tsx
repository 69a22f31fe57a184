import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useBlocker } from '@tanstack/react-router'
import { Alert, App, Button, DatePicker, Result, Skeleton } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useEffect, useMemo, useRef, useState } from 'react'
import { api, call } from '../api/client'
import { asProblem } from '../api/problem'
import { caseQuery, entityQuery, interfaceQuery, prefillQuery, refreshRecords, riskQuery } from '../api/queries'
import type { ActionDeclaration, ActionResult, JsonObject, Prefill } from '../api/types'
import { PluginForm } from '../forms/PluginForm'
import { mapProblems, problemSentence } from '../forms/problems'
import { asSchema, startingData } from '../forms/schema'
import { filled, sourceNotes } from '../forms/prefill'
import { FIELDS } from '../forms/templates'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { Reasons } from '../ui/Reasons'

const route = getRouteApi('/shell/actions/$pack/$action')

type SubjectKind = 'case' | 'risk' | 'entity'

function kindOf(on: string): SubjectKind | null {
  const kind = on.split(':')[0]
  return kind === 'case' || kind === 'risk' || kind === 'entity' ? kind : null
}

function SubjectLink({ kind, id }: { kind: string; id: string }) {
  const aCase = useQuery({ ...caseQuery(id), enabled: kind === 'case' })
  const aRisk = useQuery({ ...riskQuery(id), enabled: kind === 'risk' })
  const anEntity = useQuery({ ...entityQuery(id), enabled: kind !== 'case' && kind !== 'risk' })
  if (kind === 'case')
    return (
      <Link to="/cases/$id" params={{ id }}>
        {aCase.data ? `${aCase.data.title}（${aCase.data.code}）` : '案件'}
      </Link>
    )
  if (kind === 'risk')
    return (
      <Link to="/risks/$id" params={{ id }}>
        {aRisk.data?.title ?? '风险'}
      </Link>
    )
  return (
    <Link to="/entities/$id" params={{ id }}>
      {anEntity.data?.name ?? '实体'}
    </Link>
  )
}

const OPENED: Record<string, string> = { case: '打开案件', risk: '打开风险', entity: '打开档案' }

function Done({ action, result, onNext }: { action: ActionDeclaration; result: ActionResult; onNext: () => void }) {
  const open = useRef<HTMLDivElement>(null)
  useEffect(() => open.current?.querySelector<HTMLElement>('a, button')?.focus(), [])
  const { subject } = result
  return (
    <div className="stack result" role="status">
      <Panel>
        <Result
          status="success"
          title={result.summary}
          subTitle={`${action.title}已办理并留存依据`}
          extra={
            <div ref={open} className="result-buttons">
              {subject?.kind === 'case' && (
                <Link className="ant-btn-like" to="/cases/$id" params={{ id: subject.id }}>
                  {OPENED.case}
                </Link>
              )}
              {subject?.kind === 'risk' && (
                <Link className="ant-btn-like" to="/risks/$id" params={{ id: subject.id }}>
                  {OPENED.risk}
                </Link>
              )}
              {subject && subject.kind !== 'case' && subject.kind !== 'risk' && (
                <Link className="ant-btn-like" to="/entities/$id" params={{ id: subject.id }}>
                  {OPENED.entity}
                </Link>
              )}
              <Button onClick={onNext}>再办一件</Button>
              <Link to="/decisions/$id" params={{ id: result.decision }}>
                看这次判断的全部依据
              </Link>
            </div>
          }
        />
      </Panel>
      <Panel title="理由和依据">
        <Reasons reasons={result.reasons} none="插件没有列出理由" />
      </Panel>
    </div>
  )
}

function ActionForm({ action, subject, held }: { action: ActionDeclaration; subject: string | undefined; held: Prefill[] }) {
  const [dirty, setDirty] = useState(false)
  const [occurred, setOccurred] = useState<Dayjs | null>(null)
  const [round, setRound] = useState(0)
  const box = useRef<HTMLDivElement>(null)
  const queryClient = useQueryClient()
  const { modal } = App.useApp()
  const kind = kindOf(action.on)
  const schema = useMemo(() => asSchema(action.form.schema), [action.form.schema])
  const begin = useMemo(() => filled(startingData(schema), held), [schema, held])
  const notes = useMemo(() => sourceNotes(held), [held])
  const [data, setData] = useState<JsonObject>(begin)

  const send = useMutation({
    mutationFn: (answers: JsonObject) =>
      call(
        api.POST('/api/v1/actions/{pack}/{action}', {
          params: { path: { pack: action.pack, action: action.name } },
          body: {
            subject: subject ?? null,
            answers,
            occurred_at: occurred?.second(0).format() ?? null,
            purpose: { code: action.purpose.code, case: kind === 'case' ? (subject ?? null) : null },
            sources: held.map(({ reference }) => reference),
          },
        }),
      ),
    onSuccess: async () => {
      setDirty(false)
      await refreshRecords(queryClient)
    },
  })

  const refused = useMemo(() => (send.error ? mapProblems(asProblem(send.error).problems, schema) : undefined), [send.error, schema])

  useEffect(() => {
    if (!send.data) box.current?.querySelector<HTMLElement>(`.plugin-form :is(${FIELDS})`)?.focus()
  }, [send.data, round])

  useBlocker({
    shouldBlockFn: () =>
      dirty && !send.data
        ? new Promise<boolean>((resolve) => {
            modal.confirm({ title: '离开后，已填写的内容不会保留', okText: '离开', cancelText: '继续填写', onOk: () => resolve(false), onCancel: () => resolve(true) })
          })
        : false,
    enableBeforeUnload: () => dirty && !send.data,
  })

  if (send.data)
    return (
      <Done
        action={action}
        result={send.data}
        onNext={() => {
          send.reset()
          setData(begin)
          setOccurred(null)
          setRound(round + 1)
        }}
      />
    )
  return (
    <div ref={box} className="stack">
      <Panel>
        <dl className="record-facts">
          {kind && subject && (
            <div>
              <dt>办理对象</dt>
              <dd>
                <SubjectLink kind={kind} id={subject} />
              </dd>
            </div>
          )}
          <div>
            <dt>依据</dt>
            <dd>{action.article}</dd>
          </div>
          <div>
            <dt>处理数据的目的</dt>
            <dd>
              {action.purpose.title}（{action.purpose.ground}）
            </dd>
          </div>
          <div>
            <dt>
              <label htmlFor="occurred-at">事实发生时间</label>
            </dt>
            <dd>
              <DatePicker id="occurred-at" size="small" showTime={{ format: 'HH:mm' }} needConfirm={false} format="YYYY-MM-DD HH:mm" placeholder="就是现在" value={occurred} onChange={setOccurred} maxDate={dayjs()} />
            </dd>
          </div>
        </dl>
      </Panel>
      {send.error && (
        <>
          <ProblemNote error={send.error} list={false} />
          {refused && refused.rest.length > 0 && (
            <Alert
              type="error"
              title="以下问题不在某一项填写内容上"
              description={
                <ul className="problem-list">
                  {refused.rest.map((problem) => (
                    <li key={`${problem.at}${problem.expected}`}>{problemSentence(problem)}</li>
                  ))}
                </ul>
              }
            />
          )}
        </>
      )}
      {held.length > 0 && <Alert type="info" showIcon title={`中心已有 ${held.length} 项，已替您填好`} description="每一项都注明来源和日期；与实际不符的直接改正即可，改正会一并记录（一次采集：已有的数据不重复收集）。" />}
      <Panel className="form-panel">
        <PluginForm
          key={round}
          schema={action.form.schema}
          layout={action.form.layout}
          data={data}
          disabled={send.isPending}
          refused={refused?.fields}
          notes={notes}
          onChange={(next) => {
            setData(next)
            if (JSON.stringify(next) !== JSON.stringify(begin)) setDirty(true)
          }}
          onSubmit={(answers) => send.mutate(answers)}
        >
          <div className="form-foot">
            <Button type="primary" htmlType="submit" loading={send.isPending}>
              提交
            </Button>
            <span className="dim">
              <kbd>Ctrl+Enter</kbd> 提交 <kbd>Tab</kbd> 下一项
            </span>
          </div>
        </PluginForm>
      </Panel>
    </div>
  )
}

/** Waits for what the centre holds; where it cannot be told, the form is filled in by hand, and says why. */
function Prefilled({ action, subject }: { action: ActionDeclaration; subject: string | undefined }) {
  const held = useQuery(prefillQuery(action.pack, action.name, kindOf(action.on) ? subject : undefined))
  if (held.isLoading) return <Skeleton active title={false} paragraph={{ rows: 6 }} className="waiting" />
  return (
    <>
      {held.error && <Alert type="warning" showIcon title="没有取到中心已有的数据，请照常填写" description={asProblem(held.error).title} />}
      <ActionForm action={action} subject={subject} held={held.data ?? NOTHING} />
    </>
  )
}

const NOTHING: Prefill[] = []

export function Action() {
  const { pack, action: name } = route.useParams()
  const { subject } = route.useSearch()
  const declared = useQuery(interfaceQuery)
  return (
    <Loaded query={declared}>
      {(data) => {
        const action = data.actions.find((item) => item.pack === pack && item.name === name)
        if (!action)
          return (
            <Alert
              type="warning"
              showIcon
              title="没有这项业务，或您的岗位不办理它"
              description={
                <>
                  下一步：到<Link to="/start">登记办理</Link>查看您可以办理的业务。
                </>
              }
            />
          )
        if (kindOf(action.on) && !subject) return <Alert type="warning" showIcon title={`“${action.title}”要在具体的记录上办理`} description="下一步：先打开要办理的案件、风险或实体，再从右侧选择这项业务。" />
        const packTitle = data.packs.find((item) => item.name === pack)
        return (
          <div className="page">
            <h1 className="page-title">
              {action.title}
              {packTitle && (
                <span className="page-sub">
                  {packTitle.title} {packTitle.version}
                </span>
              )}
            </h1>
            <Prefilled key={`${pack}/${name}/${subject ?? ''}`} action={action} subject={subject} />
          </div>
        )
      }}
    </Loaded>
  )
}
