import { useQuery } from '@tanstack/react-query'
import { Empty, Table, type TableColumnsType } from 'antd'
import { budgetsQuery } from '../api/queries'
import type { BudgetLine } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'

const COLUMNS: TableColumnsType<BudgetLine> = [
  { title: '岗位或插件', dataIndex: 'who' },
  { title: '用于', dataIndex: 'what', width: 300 },
  { title: '今日已用', dataIndex: 'used', width: 100, align: 'right' },
  { title: '上限', dataIndex: 'limit', width: 100, align: 'right', render: (limit: number | null | undefined) => limit ?? '—' },
  {
    title: '情况',
    key: 'state',
    width: 120,
    render: (_, { refused, used, limit }) =>
      refused ? <span className="tag tag-bad">已达上限</span> : limit && used * 5 >= limit * 4 ? <span className="tag tag-policy">接近上限</span> : <span className="tag tag-quiet">正常</span>,
  },
]

/** Who was shown how many people's data today: for those who supervise. */
export function Budgets() {
  const budgets = useQuery(budgetsQuery)
  return (
    <div className="page">
      <h1 className="page-title">查阅限额</h1>
      <Loaded query={budgets}>
        {(data) => (
          <>
            <Panel>
              <dl className="record-facts">
                <div>
                  <dt>每人每日</dt>
                  <dd>{data.person} 名当事人</dd>
                </div>
                <div>
                  <dt>每人每件事项</dt>
                  <dd>{data.case} 名</dd>
                </div>
                <div>
                  <dt>每个插件每日</dt>
                  <dd>{data.pack} 名</dd>
                </div>
                <div>
                  <dt>插件职责每日</dt>
                  <dd>{data.duty} 名</dd>
                </div>
                <div>
                  <dt>同类统计每日</dt>
                  <dd>{data.figures} 项</dd>
                </div>
              </dl>
              <p className="dim">
                只数清晰显示的 L3 以上个人信息涉及多少不同的人，同一人当日重复查看不另计；这里不显示看了谁。依据：{data.basis}。
              </p>
            </Panel>
            <Panel title="今日" flush>
              <Table<BudgetLine>
                size="small"
                rowKey={({ who, what }) => `${who}|${what}`}
                columns={COLUMNS}
                dataSource={data.lines}
                pagination={{ pageSize: 50, hideOnSinglePage: true }}
                scroll={{ x: 820 }}
                locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="今日还没有人查看清晰的个人信息" /> }}
              />
            </Panel>
          </>
        )}
      </Loaded>
    </div>
  )
}
