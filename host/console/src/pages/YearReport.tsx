/** The report of a year, to be read, printed, and taken along as a file. */
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button, Checkbox, InputNumber } from 'antd'
import dayjs from 'dayjs'
import { yearReportQuery } from '../api/queries'
import type { YearReport as Report } from '../api/types'
import { save } from '../persons/Held'
import { folded } from '../ui/fold'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/reports')

/** The numbers of a chapter; what did not happen is said in one sentence. */
function Lines({ lines }: { lines: Report['chapters'][number]['lines'] }) {
  const { shown, none } = folded(lines)
  return (
    <>
      {shown.length > 0 && (
        <table className="plain-table">
          <tbody>
            {shown.map((line) => (
              <tr key={line.title}>
                <th scope="row">{line.title}</th>
                <td>{line.count ?? '数量较少，不列出'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {none.length > 0 && <p className="dim">以下各项为 0：{none.join('；')}。</p>}
    </>
  )
}

function Printed({ report }: { report: Report }) {
  return (
    <article className="report">
      <h2>
        {report.centre} {report.year} 年个人信息保护年度报告{report.partial && '（年度未结束）'}
      </h2>
      <p className="dim">
        {dateTime(report.made_at)} 生成。
        {report.suppressed_below ? `对外公布版：涉及个人、少于 ${report.suppressed_below} 的数不列出（本地政策）。` : '内部版：列出全部数字，不得对外公布。'}
      </p>
      {report.chapters.map((chapter) => (
        <section key={chapter.title}>
          <h3>
            {chapter.title} <span className="dim">{chapter.basis}</span>
          </h3>
          <Lines lines={chapter.lines} />
        </section>
      ))}
      <section>
        <h3>所依据的日志</h3>
        <p>
          生成时共 {report.log_size} 条，本年度自第 {report.first_entry} 条起，至第 {report.end_entry} 条前。
        </p>
        <p className="code break">根 {report.log_root}</p>
      </section>
    </article>
  )
}

export function YearReport() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const year = Number(search.year ?? dayjs().year())
  const published = search.published === 'true'
  const report = useQuery(yearReportQuery(year, published))
  return (
    <div className="page">
      <h1 className="page-title no-print">年度报告</h1>
      <div className="filters no-print">
        <InputNumber aria-label="年份" min={2000} max={dayjs().year()} value={year} onChange={(value: number | null) => void navigate({ search: { ...search, year: value ? String(value) : undefined }, replace: true })} />
        <Checkbox checked={published} onChange={(event) => void navigate({ search: { ...search, published: event.target.checked ? 'true' : undefined }, replace: true })}>
          对外公布版（小数不列出）
        </Checkbox>
        <Button disabled={!report.data} onClick={() => window.print()}>
          打印
        </Button>
        <Button disabled={!report.data} onClick={() => report.data && save(`年度报告-${report.data.year}.json`, JSON.stringify(report.data, null, 2), 'application/json')}>
          下载（JSON）
        </Button>
      </div>
      <Panel>
        <Loaded query={report}>{(data) => <Printed report={data} />}</Loaded>
      </Panel>
    </div>
  )
}
