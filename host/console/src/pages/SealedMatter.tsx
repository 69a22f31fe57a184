/** A look-up on the statutory road. Nothing is read before somebody presses the button: each reading is in the log. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Alert, Button } from 'antd'
import { informantsQuery, sealedMatterQuery, sealingsQuery } from '../api/queries'
import type { JsonObject, SealedRecord } from '../api/types'
import { asSchema } from '../forms/schema'
import { DataView, Followed } from '../ui/DataView'
import { Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'
import { kindTitle, schemeTitle } from '../ui/words'

const route = getRouteApi('/shell/sealings/$id')

function Found({ record }: { record: SealedRecord }) {
  return (
    <Panel title={`${kindTitle(record.kind ?? '')} ${record.title}`}>
      <div className="stack">
        <dl className="record-facts">
          {record.code && (
            <div>
              <dt>案号</dt>
              <dd className="code">{record.code}</dd>
            </div>
          )}
          {record.identifiers.map(({ scheme, value }) => (
            <div key={scheme}>
              <dt>{schemeTitle(scheme)}</dt>
              <dd className="code">{value}</dd>
            </div>
          ))}
          <div>
            <dt>辖区与单位</dt>
            <dd>
              {record.division} {record.unit}
            </dd>
          </div>
          <div>
            <dt>建档</dt>
            <dd>{dateTime(record.created_at)}</dd>
          </div>
        </dl>
        {[...record.answers.map(({ form, ...rest }) => ({ key: form, ...rest })), ...record.facets.map(({ name, ...rest }) => ({ key: name, ...rest }))].map(({ key, title, data, schema }) => (
          <section key={key}>
            <h3>{title}</h3>
            <Followed value={false}>
              <DataView data={data as JsonObject} schema={asSchema(schema)} />
            </Followed>
          </section>
        ))}
        <section>
          <h3>办理记录</h3>
          <ul className="problem-list">
            {record.timeline.map(({ at, who, text }, index) => (
              <li key={`${at}${index}`}>
                {dateTime(at)} {who}：{text}
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Panel>
  )
}

/** What was sealed together, by kind: an id says nothing to a keeper. */
function together(records: readonly string[]): string {
  const kinds = records.map((record) => record.split(' ')[0] ?? record)
  return [...new Set(kinds)].map((kind) => `${kind} ${kinds.filter((one) => one === kind).length} 件`).join('，')
}

export function SealedMatter() {
  const { id } = route.useParams()
  const list = useInfiniteQuery(sealingsQuery())
  const sealing = list.data?.pages.flatMap(({ items }) => items).find((one) => one.id === id)
  const matter = useQuery(sealedMatterQuery(id))
  const told = useQuery(informantsQuery(id))
  const informant = sealing?.kind === 'informant'
  const asked = informant ? told : matter
  const whyNot = !sealing?.own ? '只有提出查询的封存档案保管人可以查阅。' : !sealing.open ? '现在不能查阅：还没有批准，或者期限已过、查询已结束。' : null
  return (
    <div className="page">
      <h1 className="page-title">{sealing?.kind_title ?? '依法查询'}</h1>
      <p>
        <Link to="/sealings">返回封存保管</Link>
      </p>
      {sealing && (
        <Alert
          type="warning"
          showIcon
          title={`${sealing.organ} ${sealing.document}：${sealing.purpose ?? ''}（${sealing.article}），可查阅至 ${sealing.until ? dateTime(sealing.until) : '—'}`}
          description={whyNot ?? '查询结果依法保密，仅供提出查询的机关为所述目的使用。每按一次“查阅”，日志中留下一条记录，主管可以看到。'}
          action={
            whyNot === null && (
              <Button type="primary" danger loading={asked.isFetching} onClick={() => void asked.refetch()}>
                查阅
              </Button>
            )
          }
        />
      )}
      {asked.error && <ProblemNote error={asked.error} />}
      {!informant && matter.data?.records.map((record) => <Found key={record.id} record={record} />)}
      {!informant && matter.data && matter.data.with.length > 0 && <Panel title="一并封存">{together(matter.data.with)}</Panel>}
      {informant && told.data && (
        <Panel title="举报人">
          <dl className="record-facts">
            {told.data.told.map(({ title, value, at }) => (
              <div key={`${title}${at}`}>
                <dt>{title}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Panel>
      )}
    </div>
  )
}
