import { useInfiniteQuery } from '@tanstack/react-query'
import { Button, Empty, Table, type TableColumnsType } from 'antd'
import { auditQuery } from '../api/queries'
import type { AuditEntry } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

/** How a touch ended. */
const VERDICTS: Record<string, [string, string]> = {
  allow: ['允许', 'tag-good'],
  deny: ['拒绝', 'tag-bad'],
  fail: ['未成', 'tag-policy'],
}

function Verdict({ verdict }: { verdict: string }) {
  const [word, tone] = VERDICTS[verdict] ?? [verdict, 'tag-quiet']
  return <span className={`tag ${tone}`}>{word}</span>
}

const COLUMNS: TableColumnsType<AuditEntry> = [
  { title: '序号', dataIndex: 'index', width: 72, render: (index: number) => <span className="code">{index}</span> },
  { title: '时间', dataIndex: 'at', width: 142, render: (at: string) => dateTime(at) },
  { title: '主体', dataIndex: 'actor', width: 250, render: (actor: string) => <span className="break">{actor}</span> },
  { title: '动作', dataIndex: 'action', width: 92 },
  { title: '结论', dataIndex: 'verdict', width: 76, render: (verdict: string) => <Verdict verdict={verdict} /> },
  { title: '对象', dataIndex: 'target', render: (target: string) => <span className="code break">{target}</span> },
  { title: '目的', dataIndex: 'purpose', width: 216 },
]

export function Audit() {
  const log = useInfiniteQuery(auditQuery())
  const first = log.data?.pages[0]
  return (
    <div className="page">
      <h1 className="page-title">审计</h1>
      <Loaded query={{ data: first, error: log.error, isPending: log.isPending, refetch: () => void log.refetch() }}>
        {({ size, root }) => (
          <>
            <Panel>
              <dl className="record-facts">
                <div>
                  <dt>日志条数</dt>
                  <dd className="code">{size}</dd>
                </div>
                <div>
                  <dt>默克尔树根</dt>
                  <dd className="code break">{root}</dd>
                </div>
              </dl>
              <p className="dim">日志只能追加。记下条数和树根，日后可用命令行核验其间没有一条被改动或删去。</p>
            </Panel>
            <Panel flush>
              <Table<AuditEntry>
                size="small"
                rowKey="index"
                columns={COLUMNS}
                dataSource={log.data?.pages.flatMap((page) => page.entries) ?? []}
                pagination={false}
                scroll={{ x: 1080 }}
                tableLayout="fixed"
                locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="日志还是空的" /> }}
              />
              <div className="records-foot">
                <span>已列出 {log.data?.pages.reduce((count, page) => count + page.entries.length, 0)} 条</span>
                {log.hasNextPage && (
                  <Button size="small" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                    再列 100 条
                  </Button>
                )}
              </div>
            </Panel>
          </>
        )}
      </Loaded>
    </div>
  )
}
