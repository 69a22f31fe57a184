import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, App, Button, Empty, Table, type TableColumnsType, Tabs } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import { refreshRecords, shareQuery } from '../api/queries'
import type { Json, ShareDetail, SharedRow } from '../api/types'
import { FREQUENCIES, labelOf, MODES, nextStep, shareTone, waitsFor } from '../sharing/shares'
import { StepDialog } from '../sharing/StepDialog'
import { LightTag } from '../ui/Light'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { Offer } from '../ui/Rail'
import { RecordHead } from '../ui/RecordHead'
import { BasisMark } from '../ui/Tags'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/shares/$id')

function words(value: Json | undefined): string {
  if (value === undefined || value === null) return '—'
  if (typeof value === 'boolean') return value ? '是' : '否'
  if (Array.isArray(value)) return value.map(words).join('、') || '—'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The rows of a share. They are read only when somebody asks: each reading counts, and both units see it. */
function Rows({ detail }: { detail: ShareDetail }) {
  const { share } = detail
  const queryClient = useQueryClient()
  const [rows, setRows] = useState<SharedRow[]>([])
  const [next, setNext] = useState<string | null | undefined>(undefined)
  const read = useMutation({
    mutationFn: () => call(api.GET('/api/v1/shares/{id}/rows', { params: { path: { id: share.id }, query: { after: next ?? undefined, limit: 50 } } })),
    onSuccess: async (page) => {
      setRows((before) => [...before, ...page.items])
      setNext(page.next ?? null)
      await queryClient.invalidateQueries({ queryKey: ['share', share.id] })
    },
  })
  const use = share.steps.find(({ name }) => name === 'use')
  const columns: TableColumnsType<SharedRow> = [
    { title: '区划', dataIndex: 'division_name', width: 180 },
    ...share.terms.fields.map((name, index) => ({ title: share.field_titles[index] ?? name, key: name, render: (_: unknown, row: SharedRow) => words(row.values[name] as Json | undefined) })),
  ]
  return (
    <Panel flush title={`约定范围内的数据（已读 ${share.used}/${share.terms.max_rows} 行）`}>
      <Table<SharedRow> size="small" rowKey="record" columns={columns} dataSource={rows} pagination={false} scroll={{ x: 'max-content' }} locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={next === null ? '约定范围内没有数据' : '还没有读取；读取会计入约定的行数，双方都能看到'} /> }} />
      <div className="records-foot">
        <Button type="primary" disabled={!use?.allowed || next === null} loading={read.isPending} onClick={() => read.mutate()}>
          {rows.length === 0 ? '读取' : '再读一页'}
        </Button>
        {!use?.allowed && <span className="offer-why">{use?.why_not ?? '签收后在使用期内才能读取'}</span>}
        {next === null && rows.length > 0 && <span className="dim">已经读完</span>}
      </div>
      {read.error && <ProblemNote error={read.error} />}
    </Panel>
  )
}

function Deliveries({ detail }: { detail: ShareDetail }) {
  const { share, deliveries } = detail
  const { message } = App.useApp()
  const queryClient = useQueryClient()
  const take = useMutation({
    mutationFn: (artefact: string) => call(api.POST('/api/v1/shares/{id}/file', { params: { path: { id: share.id } }, body: { artefact } })),
    onSuccess: async ({ file }) => {
      save(`share-${share.id.slice(-6)}.json`, file)
      void message.success('文件已取走；其他中心用 anshu share verify 校验')
      await refreshRecords(queryClient)
    },
  })
  if (deliveries.length === 0) return <p className="dim">还没有交付</p>
  return (
    <>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">签发</th>
            <th scope="col">行数</th>
            <th scope="col">签收</th>
            <th scope="col">日志</th>
            <th scope="col">摘要（SHA-256）</th>
            <th scope="col">清单</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((one) => (
            <tr key={one.artefact}>
              <td className="nowrap">{dateTime(one.at)}</td>
              <td>{one.rows}</td>
              <td className="nowrap">{one.accepted_at ? dateTime(one.accepted_at) : '尚未签收'}</td>
              <td>第 {one.leaf} 条</td>
              <td>
                <span className="code" title={one.sha256}>
                  {one.sha256.slice(0, 16)}…
                </span>
              </td>
              <td className="nowrap">
                <Button size="small" onClick={() => save(`manifest-${one.artefact.slice(-6)}.txt`, one.manifest)}>
                  下载清单
                </Button>{' '}
                {share.side === 'asking' && share.terms.mode === 'file' && one.accepted_at && (
                  <Button size="small" loading={take.isPending} onClick={() => take.mutate(one.artefact)}>
                    取用文件
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {take.error && <ProblemNote error={take.error} />}
    </>
  )
}

/** Hands a text to the browser as a file. */
function save(name: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

function Uses({ detail }: { detail: ShareDetail }) {
  if (detail.uses.length === 0) return <p className="dim">还没有使用</p>
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">时间</th>
          <th scope="col">使用单位</th>
          <th scope="col">目的</th>
          <th scope="col">行数</th>
          <th scope="col">方式</th>
        </tr>
      </thead>
      <tbody>
        {detail.uses.map((one, index) => (
          <tr key={index}>
            <td className="nowrap">{dateTime(one.at)}</td>
            <td>{one.unit_name}</td>
            <td>{one.purpose_title}</td>
            <td>{one.rows}</td>
            <td>{one.mode === 'file' ? '签名文件' : '在线查用'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function History({ detail }: { detail: ShareDetail }) {
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">时间</th>
          <th scope="col">步骤</th>
          <th scope="col">单位</th>
          <th scope="col">内容</th>
        </tr>
      </thead>
      <tbody>
        {detail.share.history.map((moment, index) => (
          <tr key={index}>
            <td className="nowrap">{dateTime(moment.at)}</td>
            <td className="nowrap">{moment.step_title}</td>
            <td>{moment.unit_name ?? '系统'}</td>
            <td>{moment.note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function SharePage({ detail }: { detail: ShareDetail }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const [step, setStep] = useState<{ name: string; title: string } | null>(null)
  const { share } = detail
  const { terms } = share
  const next = nextStep(share)
  const receiver = share.side === 'asking'
  const offered = share.steps.filter(({ name }) => name !== 'use' && name !== 'revise')
  return (
    <div className="page">
      <RecordHead
        title={share.title}
        over={<Link to="/shares">数据共享</Link>}
        marks={<span className={`tag ${shareTone(share.state)}`}>{share.state_title}</span>}
        facts={[
          ['提供', share.provider_name],
          ['使用', share.asking_name],
          ['使用至', dateTime(terms.until)],
          ['已读', `${share.used}/${terms.max_rows} 行`],
          ['最高级别', share.level],
        ]}
      />
      {share.owes_destruction && <Alert type="warning" showIcon title="共享已结束，须报送销毁证明" description={`下一步：由${share.asking_name}销毁已读取的数据，并报送销毁了什么、怎样销毁。`} />}
      {share.dispute && !share.dispute.outcome && <Alert type="warning" showIcon title={`争议：${share.dispute.state_title}`} description={`${share.dispute.raised_by}：${share.dispute.about}`} />}
      {next && <Alert type="info" showIcon title={`等您${next.title}`} description="在右侧办理。" />}
      <div className="with-rail">
        <Tabs
          className="record-tabs"
          activeKey={tab ?? (receiver && share.state === 'in_use' ? 'rows' : 'scope')}
          onChange={(key) => void navigate({ search: { tab: key }, replace: true })}
          items={[
            {
              key: 'scope',
              label: '范围和期限',
              children: (
                <Panel>
                  <dl className="facts">
                    {(
                      [
                        ['数据项', share.field_titles.join('、')],
                        ['区划（含下级）', share.division_names.join('、')],
                        ['目的', share.purpose_title],
                        ['法定依据', terms.ground],
                        ['应用场景', terms.scenario],
                        ['方式', labelOf(MODES, terms.mode)],
                        ['交付频次', labelOf(FREQUENCIES, terms.frequency)],
                        ['读取后最多保存', `${terms.data_days} 日`],
                        ['提前撤销', terms.revocable ? '提供单位可以撤销' : '只能由争议裁定终止'],
                        ['答复', share.answers.map(({ unit_name: unit, agree, reason }) => `${unit ?? '按规则'}${agree ? '同意' : '不同意'}${reason ? `：${reason}` : ''}`).join('；') || '还没有'],
                      ] as [string, string][]
                    ).map(([name, value]) => (
                      <div key={name} className="fact">
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                      </div>
                    ))}
                  </dl>
                </Panel>
              ),
            },
            ...(receiver ? [{ key: 'rows', label: '数据', children: <Rows detail={detail} /> }] : []),
            { key: 'deliveries', label: `交付 ${detail.deliveries.length}`, children: <Panel><Deliveries detail={detail} /></Panel> },
            { key: 'uses', label: `使用记录 ${detail.uses.length}`, children: <Panel><Uses detail={detail} /></Panel> },
            { key: 'history', label: '经过', children: <Panel><History detail={detail} /></Panel> },
          ]}
        />
        <aside className="rail" aria-label="可以办理的步骤">
          <Panel title="可以办理">
            {offered.length === 0 && <p className="dim">没有要办理的步骤</p>}
            {offered.map((one) => (
              <Offer key={one.name} title={one.title} primary={next?.name === one.name} allowed={one.allowed} whyNot={one.why_not} onClick={() => setStep(one)} />
            ))}
          </Panel>
          {share.light && share.basis && (
            <Panel title={share.clock ?? '时限'}>
              <LightTag light={share.light} />
              <p>
                <BasisMark basis={share.basis} />
              </p>
            </Panel>
          )}
          <Panel title="须知">
            <ul className="problem-list">
              <li>{waitsFor(share) ?? '没有等待办理的步骤'}</li>
              {share.needs_two && <li>涉及 L4 或者未成年人：须由提供单位和另一单位的负责人分别同意</li>}
              <li>只能用于约定的目的，不得扩大，不得转给其他单位；使用单位对使用中的安全负责</li>
              <li>期限届满或者撤销的同一刻起不能读取</li>
            </ul>
          </Panel>
        </aside>
      </div>
      {step && <StepDialog detail={detail} step={step} onClose={() => setStep(null)} />}
    </div>
  )
}

export function Share() {
  const { id } = route.useParams()
  const share = useQuery(shareQuery(id))
  return <Loaded query={share}>{(detail) => <SharePage key={detail.share.id} detail={detail} />}</Loaded>
}
