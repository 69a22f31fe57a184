/** Registered figures: tables with fixed cells. What is too small is not stated, and the page says how the rest came about. */
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Empty, Select, Table, type TableColumnsType } from 'antd'
import { cubeQuery, cubesQuery, sessionQuery } from '../api/queries'
import type { Cube, Figure, FigureLine } from '../api/types'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/figures')

/** A figure; one that is too small is said to be so, to the ear too. */
function Count({ count, least }: { count: number | null | undefined; least: number }) {
  if (count === null || count === undefined) {
    return (
      <span className="dim" aria-label={`不足 ${least}，不列示`}>
        ＜{least}
      </span>
    )
  }
  return <>{count}</>
}

/** A bar beside the number: its length is the share of the longest. */
function Bar({ count, most }: { count: number | null | undefined; most: number }) {
  const width = count && most > 0 ? Math.max(2, Math.round((count / most) * 100)) : 0
  return (
    <span className="figure-bar" aria-hidden="true">
      <span style={{ width: `${width}%` }} />
    </span>
  )
}

interface Row {
  key: string
  name: string
  line: Pick<FigureLine, 'cells' | 'total'>
  /** A part that has parts of its own: its code. */
  into: string | null
}

/** Codes end in zeros as long as something lies below: a village has nothing. */
export function hasParts(code: string): boolean {
  return code.endsWith('000')
}

export function FigureTable({ figure, onInto }: { figure: Figure; onInto: (area: string) => void }) {
  const { least } = figure
  const most = Math.max(0, ...figure.rows.map((row) => row.total ?? 0))
  const rows: Row[] = figure.rows.map((line) => ({
    key: line.division,
    name: line.division_name,
    line,
    into: line.division !== figure.area && hasParts(line.division) ? line.division : null,
  }))
  const columns: TableColumnsType<Row> = [
    {
      title: '区域',
      key: 'name',
      width: 168,
      fixed: 'left',
      render: (_, { name, into }) =>
        into ? (
          <Button type="link" size="small" className="cell-link" onClick={() => onInto(into)}>
            {name}
          </Button>
        ) : (
          name
        ),
    },
    ...figure.columns.map((title, at) => ({
      title,
      key: `column-${at}`,
      width: 76,
      align: 'right' as const,
      render: (_: unknown, { line }: Row) => <Count count={line.cells[at]} least={least} />,
    })),
    { title: '合计', key: 'total', width: 84, align: 'right', render: (_, { line }) => <Count count={line.total} least={least} /> },
    { title: <span aria-hidden="true">比较</span>, key: 'bar', width: 160, render: (_, { line }) => <Bar count={line.total} most={most} /> },
  ]
  return (
    <Table<Row>
      size="small"
      rowKey="key"
      columns={columns}
      dataSource={rows}
      pagination={false}
      scroll={{ x: 412 + figure.columns.length * 76 }}
      locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有可以列示的数" /> }}
      summary={() => (
        <Table.Summary.Row>
          <Table.Summary.Cell index={0}>全区域</Table.Summary.Cell>
          {figure.columns.map((title, at) => (
            <Table.Summary.Cell key={title} index={at + 1} align="right">
              <Count count={figure.totals[at]} least={least} />
            </Table.Summary.Cell>
          ))}
          <Table.Summary.Cell index={figure.columns.length + 1} align="right">
            <Count count={figure.total} least={least} />
          </Table.Summary.Cell>
          <Table.Summary.Cell index={figure.columns.length + 2} />
        </Table.Summary.Row>
      )}
    />
  )
}

/** What a cube is called in the choice: what is counted, by what. */
function label(cube: Cube): string {
  return `${cube.title} · 按${cube.axis_title}`
}

export function Figures() {
  const chosen = route.useSearch()
  const navigate = route.useNavigate()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const cubes = useQuery(cubesQuery)
  const name = chosen.cube ?? cubes.data?.[0]?.name
  const figure = useQuery({ ...cubeQuery(name ?? '', chosen.area), enabled: name !== undefined })
  return (
    <div className="page">
      <h1 className="page-title">
        分区统计<span className="page-sub">{figure.data?.area_name ?? session.division_name}</span>
      </h1>
      <Panel flush>
        <div className="filters" role="search">
          <Select
            aria-label="统计表"
            className="filter-wide"
            placeholder="统计表"
            showSearch={{ optionFilterProp: 'label' }}
            value={name ?? null}
            loading={cubes.isPending}
            onChange={(cube: string) => void navigate({ search: (old) => ({ ...old, cube }), replace: true })}
            options={cubes.data?.map((cube) => ({ value: cube.name, label: label(cube) })) ?? []}
          />
          {chosen.area && <Button onClick={() => void navigate({ search: (old) => ({ ...old, area: undefined }) })}>回到本区域</Button>}
        </div>
        {cubes.data?.length === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="还没有登记的统计：安装插件后按其事项、风险和档案登记" />
        ) : (
          <Loaded query={cubes.error ? { ...figure, data: undefined, error: cubes.error, refetch: cubes.refetch } : figure}>
            {(data) => (
              <>
                <FigureTable figure={data} onInto={(area) => void navigate({ search: (old) => ({ ...old, area }) })} />
                <div className="records-foot">
                  <span className={`tag ${data.exact ? 'tag-good' : 'tag-policy'}`}>{data.exact ? '确数' : '受保护'}</span>
                  <span>
                    {data.note} 截至 {dateTime(data.at)}。依据：{data.basis}。
                  </span>
                </div>
              </>
            )}
          </Loaded>
        )}
      </Panel>
    </div>
  )
}
