import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { api, call } from '../api/client'
import { decisionQuery } from '../api/queries'
import type { DecisionDetail } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { Reasons } from '../ui/Reasons'
import { RecordHead } from '../ui/RecordHead'
import { dateTime } from '../ui/time'
import { kindTitle } from '../ui/words'

const route = getRouteApi('/shell/decisions/$id')

function Replay({ id }: { id: string }) {
  const replay = useMutation({ mutationFn: () => call(api.POST('/api/v1/decisions/{id}/replay', { params: { path: { id } } })) })
  return (
    <Panel title="重放">
      <div className="stack">
      <p className="dim">用当时的插件版本、当时的输入和当时读到的数据再算一遍，核对结果是否一致。重放不改动任何记录。</p>
      <Button block loading={replay.isPending} onClick={() => replay.mutate()}>
        重放这次判断
      </Button>
      <div role="status" className="replay">
        {replay.data && <Alert type={replay.data.equal ? 'success' : 'error'} showIcon title={replay.data.equal ? '一致：结果与留存的完全相同' : '不一致'} description={replay.data.detail} />}
        {replay.error && <ProblemNote error={replay.error} />}
      </div>
      </div>
    </Panel>
  )
}

function RecordLink({ kind, id }: { kind: string; id: string }) {
  const short = <span className="code">{id.length > 20 ? `${id.slice(0, 8)}…${id.slice(-6)}` : id}</span>
  if (kind === 'case')
    return (
      <Link to="/cases/$id" params={{ id }}>
        {short}
      </Link>
    )
  if (kind === 'risk')
    return (
      <Link to="/risks/$id" params={{ id }}>
        {short}
      </Link>
    )
  if (kind === 'entity')
    return (
      <Link to="/entities/$id" params={{ id }}>
        {short}
      </Link>
    )
  return short
}

function bytes(count: number): string {
  return count >= 1_048_576 ? `${(count / 1_048_576).toFixed(1)} MB` : `${Math.ceil(count / 1024)} KB`
}

/** An explanation often repeats the outcome's own reasons; once is enough. */
function sameReasons({ explanation, outcome }: DecisionDetail): boolean {
  return JSON.stringify(explanation.reasons) === JSON.stringify(outcome.reasons)
}

function DecisionView({ found }: { found: DecisionDetail }) {
  return (
    <div className="page">
      <RecordHead
        title={found.outcome.summary}
        over={<span>判断记录</span>}
        marks={null}
        facts={[
          ['时间', dateTime(found.at)],
          ['经办', found.actor],
          ['插件', `${found.pack} ${found.version}`],
          [
            '摘要值',
            <span key="digest" className="code" title={found.digest}>
              {found.digest.slice(0, 16)}…
            </span>,
          ],
        ]}
      />
      <div className="with-rail">
        <div className="stack">
          <Panel title="理由和依据">
            <Reasons reasons={found.outcome.reasons} />
          </Panel>
          <Panel title="白话说明">
            <div className="stack">
            <p className="plain-text">{found.explanation.text}</p>
            {found.explanation.reasons.length > 0 && !sameReasons(found) && <Reasons reasons={found.explanation.reasons} />}
            {found.explanation.remedy && <Alert type="info" showIcon title="不服怎么办" description={found.explanation.remedy} />}
            </div>
          </Panel>
          <Panel title="产生的结果">
            {found.effects.length === 0 ? (
              <p className="dim">没有写入任何记录</p>
            ) : (
              <ol className="effects">
                {found.effects.map((effect) => (
                  <li key={effect.text}>{effect.text}</li>
                ))}
              </ol>
            )}
          </Panel>
          <Panel title="读取的数据">
            {found.reads.length === 0 ? (
              <p className="dim">没有读取已有记录</p>
            ) : (
              <table className="plain-table">
                <thead>
                  <tr>
                    <th scope="col">种类</th>
                    <th scope="col">记录</th>
                    <th scope="col">当时版本</th>
                  </tr>
                </thead>
                <tbody>
                  {found.reads.map((read) => (
                    <tr key={`${read.kind}${read.id}${read.version}`}>
                      <td>{kindTitle(read.kind)}</td>
                      <td>
                        <RecordLink kind={read.kind} id={read.id} />
                      </td>
                      <td>{read.version}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
          </Panel>
          <Panel title="输入">
            <details>
              <summary>提交给插件的原文，供核对和重放</summary>
              <pre className="raw">{JSON.stringify(found.input, null, 2)}</pre>
            </details>
          </Panel>
        </div>
        <aside className="rail">
          <Replay id={found.id} />
          <Panel title="运算用量">
            <dl className="facts facts-narrow">
              <div className="fact">
                <dt>用时</dt>
                <dd>{(found.cost.micros / 1000).toFixed(2)} 毫秒</dd>
              </div>
              <div className="fact">
                <dt>调用主机</dt>
                <dd>{found.cost.host_calls} 次</dd>
              </div>
              <div className="fact">
                <dt>内存</dt>
                <dd>{bytes(found.cost.memory)}</dd>
              </div>
            </dl>
          </Panel>
        </aside>
      </div>
    </div>
  )
}

export function Decision() {
  const { id } = route.useParams()
  const found = useQuery(decisionQuery(id))
  return <Loaded query={found}>{(data) => <DecisionView found={data} />}</Loaded>
}
