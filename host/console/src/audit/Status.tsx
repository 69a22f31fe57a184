/** How it stands with the log: its size, who witnesses it, whether it verifies, which policy sets nobody has seen. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Empty, Table, type TableColumnsType, Typography } from 'antd'
import { api, call } from '../api/client'
import { auditStatusQuery } from '../api/queries'
import type { AuditStatus, PolicyNotice, WitnessState } from '../api/types'
import { Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { standing } from './words'

const WITNESSES: TableColumnsType<WitnessState> = [
  { title: '见证方', dataIndex: 'name', width: 180 },
  {
    title: '情况',
    dataIndex: 'standing',
    width: 130,
    render: (code: string) => {
      const [word, tone] = standing(code)
      return <span className={`tag ${tone}`}>{word}</span>
    },
  },
  { title: '最近共签', dataIndex: 'at', width: 150, render: (at: string | null) => dateTime(at) },
  { title: '当时条数', dataIndex: 'size', width: 100, render: (size: number) => (size > 0 ? <span className="code">{size}</span> : '—') },
  { title: '说明', dataIndex: 'problem', render: (problem: string | null) => problem ?? '—' },
]

function Verified({ status }: { status: AuditStatus }) {
  const queryClient = useQueryClient()
  const verify = useMutation({
    mutationFn: () => call(api.POST('/api/v1/audit/verify')),
    onSuccess: (now) => queryClient.setQueryData(auditStatusQuery.queryKey, now),
  })
  const { verified, verifying, verify_failed: failed } = status
  return (
    <Panel
      title="完整性校验"
      extra={
        <Button size="small" loading={verifying || verify.isPending} onClick={() => verify.mutate()}>
          {verifying ? '正在校验' : '现在校验'}
        </Button>
      }
    >
      <div className="stack">
        {verify.error && <ProblemNote error={verify.error} />}
        {failed && <Alert type="warning" showIcon title="上次校验没有完成" description={failed} />}
        {verified ? (
          <Alert
            type={verified.sound ? 'success' : 'error'}
            showIcon
            title={`${dateTime(verified.at)} ${verified.sound ? '校验通过' : '校验不通过'}`}
            description={verified.lines.map((line) => (
              <div key={line} className="break">
                {line}
              </div>
            ))}
          />
        ) : (
          <p className="dim">启动后还没有校验过；每天自动校验一次，逐条核对日志、记录、账号和授权。</p>
        )}
      </div>
    </Panel>
  )
}

function Policies({ sets }: { sets: PolicyNotice[] }) {
  const queryClient = useQueryClient()
  const see = useMutation({
    mutationFn: (number: number) => call(api.POST('/api/v1/audit/policies/{number}/seen', { params: { path: { number } } })),
    onSuccess: (now) => queryClient.setQueryData(auditStatusQuery.queryKey, now),
  })
  const columns: TableColumnsType<PolicyNotice> = [
    { title: '序号', dataIndex: 'number', width: 64 },
    { title: '策略集', dataIndex: 'digest', render: (digest: string) => <span className="code">{digest}</span> },
    { title: '生效', dataIndex: 'since', width: 150, render: (at: string) => dateTime(at) },
    {
      title: '审计员查看',
      key: 'seen',
      width: 170,
      render: (_, set) =>
        set.seen_at ? (
          dateTime(set.seen_at)
        ) : (
          <Button size="small" loading={see.isPending && see.variables === set.number} onClick={() => see.mutate(set.number)}>
            确认已查看
          </Button>
        ),
    },
  ]
  return (
    <Panel title="策略集的变更" flush>
      {see.error && <ProblemNote error={see.error} />}
      <Table<PolicyNotice> size="small" rowKey="number" columns={columns} dataSource={sets.toReversed()} pagination={false} />
    </Panel>
  )
}

export function Status({ status }: { status: AuditStatus }) {
  const alarms = status.witnesses.filter((witness) => witness.alarm)
  const unseen = status.policies.filter((set) => !set.seen_at)
  const short = status.witnesses.length > 0 && status.cosigned < status.at_least
  return (
    <>
      {alarms.map((witness) => (
        <Alert key={witness.public_key} type="error" showIcon banner title={`见证方“${witness.name}”不认这份日志`} description={witness.problem} />
      ))}
      {alarms.length === 0 && short && <Alert type="warning" showIcon banner title={`共签不足：须 ${status.at_least} 个（本地政策），现有 ${status.cosigned} 个`} />}
      {unseen.length > 0 && <Alert type="warning" showIcon banner title={`有 ${unseen.length} 个策略集尚未由审计员查看`} description="策略决定谁能看到什么；核对变更的审批后，在下方确认。" />}
      <Panel title="日志">
        <dl className="record-facts">
          <div>
            <dt>名称</dt>
            <dd className="code">{status.origin}</dd>
          </div>
          <div>
            <dt>条数</dt>
            <dd className="code">{status.size}</dd>
          </div>
          <div>
            <dt>默克尔树根</dt>
            <dd className="code break">{status.root}</dd>
          </div>
          {status.public_keys.map((key, number) => (
            <div key={key}>
              <dt>{number === 0 ? '公钥' : '国密公钥'}</dt>
              <dd className="code break">
                <Typography.Text copyable={{ text: key }}>{key}</Typography.Text>
              </dd>
            </div>
          ))}
        </dl>
        <p className="dim">日志只能追加。公钥应另行保管：凭它和本程序即可在任何机器上校验导出的日志和证据卷宗。</p>
      </Panel>
      <Panel title={`见证方（至少 ${status.at_least} 个共签，本地政策）`} flush>
        <Table<WitnessState>
          size="small"
          rowKey="public_key"
          columns={WITNESSES}
          dataSource={status.witnesses}
          pagination={false}
          locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有配置见证方：只有本机见证，不能防备掌握本机的人。请在 anshu.toml 的 [log] 中登记。" /> }}
        />
      </Panel>
      <Verified status={status} />
      <Policies sets={status.policies} />
    </>
  )
}
