/** What is held about a person, as a page that can be read, printed, and taken along as a file. */
import { Button, Table } from 'antd'
import type { OwnData } from '../api/types'
import { asSchema } from '../forms/schema'
import { DataView } from '../ui/DataView'
import { Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'
import { schemeTitle } from '../ui/words'

/** Hands the browser a file that was made here. */
export function save(name: string, text: string, type: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

export function HeldData({ data, onExplain }: { data: OwnData; onExplain?: (decision: string) => void }) {
  return (
    <div className="stack">
      <Panel
        title="基本信息"
        extra={
          <span className="no-print">
            <Button size="small" onClick={() => save(`个人资料-${data.made_at.slice(0, 10)}.json`, JSON.stringify(data, null, 2), 'application/json')}>
              下载（JSON）
            </Button>{' '}
            <Button size="small" onClick={() => window.print()}>
              打印
            </Button>
          </span>
        }
      >
        <dl className="record-facts">
          <div>
            <dt>姓名</dt>
            <dd>{data.name}</dd>
          </div>
          {data.identifiers.map(({ scheme, value }) => (
            <div key={scheme + value}>
              <dt>{schemeTitle(scheme)}</dt>
              <dd className="code">{value}</dd>
            </div>
          ))}
          <div>
            <dt>属地</dt>
            <dd>{data.division}</dd>
          </div>
          <div>
            <dt>建档单位</dt>
            <dd>{data.unit}</dd>
          </div>
          <div>
            <dt>建档时间</dt>
            <dd>{dateTime(data.since)}</dd>
          </div>
        </dl>
        <p className="dim">
          {data.centre}，{dateTime(data.made_at)} 生成
        </p>
      </Panel>
      {data.facets.map((facet) => (
        <Panel key={facet.name} title={facet.title}>
          <DataView data={facet.data as never} schema={asSchema(facet.schema)} />
        </Panel>
      ))}
      <Panel title="涉及的事项" flush>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={data.matters}
          locale={{ emptyText: '没有您可以查到的事项' }}
          columns={[
            { title: '类型', dataIndex: 'matter' },
            { title: '编号', dataIndex: 'code', render: (code: string) => <span className="code">{code}</span> },
            { title: '阶段', dataIndex: 'stage', width: 90 },
            { title: '办理单位', dataIndex: 'unit' },
            { title: '时间', dataIndex: 'since', width: 142, render: (at: string) => dateTime(at) },
          ]}
        />
      </Panel>
      <Panel title="借助插件作出的决定" flush>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={data.decisions}
          locale={{ emptyText: '没有借助插件作出的决定' }}
          columns={[
            { title: '时间', dataIndex: 'at', width: 142, render: (at: string) => dateTime(at) },
            { title: '业务', dataIndex: 'pack' },
            { title: '单位', dataIndex: 'unit' },
            { title: '依据', dataIndex: 'articles', render: (articles: string[]) => articles.join('；') || '—' },
            ...(onExplain
              ? [
                  {
                    title: '',
                    key: 'explain',
                    width: 96,
                    className: 'no-print',
                    render: (_: unknown, { id }: { id: string }) => (
                      <Button size="small" onClick={() => onExplain(id)}>
                        要求说明
                      </Button>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </Panel>
      <Panel title="不在此列的内容">
        <ul className="reasons">
          {data.left_out.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </Panel>
    </div>
  )
}
