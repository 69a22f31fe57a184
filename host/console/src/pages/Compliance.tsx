/** The records that the law asks for: the officer writes them, the auditor reads them. None is ever overwritten. */
import { useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Checkbox, DatePicker, Empty, InputNumber, Select, Table, Tabs } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useState } from 'react'
import { api, call } from '../api/client'
import { complianceQuery, sessionQuery } from '../api/queries'
import type { Compliance as Kept } from '../api/types'
import { IncidentCard } from '../persons/Incident'
import { RecordForm } from '../persons/RecordForm'
import { Loaded, Panel } from '../ui/Panel'
import { dateTime } from '../ui/time'

const route = getRouteApi('/shell/compliance')

const NONE = (description: string) => ({ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={description} /> })

function Assessments({ kept, writes }: { kept: Kept; writes: boolean }) {
  const [digest, setDigest] = useState<string>()
  const [acceptable, setAcceptable] = useState(false)
  return (
    <div className="stack">
      <Panel title="影响评估" flush>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={kept.assessments}
          locale={NONE('还没有影响评估；处理敏感个人信息之前应当先评估')}
          expandable={{
            expandedRowRender: (one) => (
              <dl className="record-facts">
                <div><dt>必要性</dt><dd className="plain-text">{one.necessity}</dd></div>
                <div><dt>影响和风险</dt><dd className="plain-text">{one.impact}</dd></div>
                <div><dt>保护措施</dt><dd className="plain-text">{one.measures}</dd></div>
                {one.digest && <div><dt>插件摘要</dt><dd className="code break">{one.digest}</dd></div>}
              </dl>
            ),
          }}
          columns={[
            { title: '评估的处理活动', dataIndex: 'title' },
            { title: '负责人', dataIndex: 'assessor', width: 170 },
            { title: '结论', dataIndex: 'acceptable', width: 110, render: (ok: boolean) => <span className={`tag ${ok ? 'tag-good' : 'tag-bad'}`}>{ok ? '可以处理' : '不得处理'}</span> },
            { title: '登记', dataIndex: 'made_at', width: 142, render: (at: string) => dateTime(at) },
          ]}
        />
      </Panel>
      {writes && (
        <Panel title="登记影响评估（个人信息保护法 第55条、第56条）">
          <RecordForm
            fields={[
              ['title', '评估的处理活动'],
              ['necessity', '目的、方式是否合法、正当、必要'],
              ['impact', '对个人权益的影响及安全风险'],
              ['measures', '保护措施是否合法、有效并与风险程度相适应'],
              ['assessor', '评估负责人（姓名和岗位）'],
            ]}
            onSend={(texts) => call(api.POST('/api/v1/compliance/assessments', { body: { ...(texts as { title: string; necessity: string; impact: string; measures: string; assessor: string }), digest, acceptable } }))}
          >
            <div className="field">
              <span className="field-label" id="assessed-pack">
                评估的插件版本（可不填）
              </span>
              <Select aria-labelledby="assessed-pack" className="full" allowClear value={digest} onChange={setDigest} options={kept.declared.map((pack) => ({ value: pack.digest, label: `${pack.title} ${pack.version}${pack.sensitive ? '（敏感个人信息）' : ''}` }))} />
            </div>
            <Checkbox checked={acceptable} onChange={(event) => setAcceptable(event.target.checked)}>
              结论：可以处理
            </Checkbox>
          </RecordForm>
        </Panel>
      )}
    </div>
  )
}

function Processing({ kept, writes }: { kept: Kept; writes: boolean }) {
  return (
    <div className="stack">
      {kept.declared.map((pack) => (
        <Panel
          key={pack.digest}
          title={`${pack.title} ${pack.version}`}
          extra={
            <span className="dim">
              {pack.publisher}；{pack.sensitive ? (pack.assessment ? '敏感个人信息，已评估' : <span className="tag tag-bad">敏感个人信息，没有通过的影响评估</span>) : '不含敏感个人信息'}
            </span>
          }
          flush
        >
          <Table
            size="small"
            rowKey={(field) => field.of + field.title}
            pagination={{ pageSize: 8, hideOnSinglePage: true, size: 'small' }}
            dataSource={pack.fields}
            locale={NONE('没有声明个人信息')}
            columns={[
              { title: '个人信息', key: 'field', render: (_, field) => `${field.of} · ${field.title}` },
              { title: '分级', key: 'level', width: 200, render: (_, field) => [field.level, ...field.about].join('、') },
              { title: '目的', dataIndex: 'purpose', width: 150 },
              { title: '依据', dataIndex: 'ground' },
              { title: '保存', dataIndex: 'retention', width: 90 },
            ]}
          />
          {pack.recipients.length > 0 && <div className="flush-pad"><p className="dim">以通知形式提供给其他插件：{pack.recipients.join('、')}</p></div>}
        </Panel>
      ))}
      <Panel title="其他处理活动" flush>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={kept.processing}
          locale={NONE('没有登记插件以外的处理活动')}
          columns={[
            { title: '处理活动', dataIndex: 'title' },
            { title: '目的', dataIndex: 'purpose' },
            { title: '依据', dataIndex: 'ground' },
            { title: '种类和人群', dataIndex: 'categories' },
            { title: '接收方', dataIndex: 'recipients', render: (to: string) => to || '—' },
            { title: '保存', dataIndex: 'retention', width: 90 },
          ]}
        />
      </Panel>
      {writes && (
        <Panel title="登记处理活动（个人信息保护法 第55条）">
          <RecordForm
            fields={[
              ['title', '处理活动'],
              ['purpose', '目的'],
              ['ground', '法律依据'],
              ['categories', '个人信息的种类和涉及的人群'],
              ['recipients', '接收方', 'optional'],
              ['retention', '保存期限'],
            ]}
            onSend={(texts) => call(api.POST('/api/v1/compliance/processing', { body: texts as { title: string; purpose: string; ground: string; categories: string; recipients: string; retention: string } }))}
          />
        </Panel>
      )}
    </div>
  )
}

function Incidents({ kept, writes }: { kept: Kept; writes: boolean }) {
  const [found, setFound] = useState<Dayjs | null>(null)
  const [rules, setRules] = useState<string[]>([])
  return (
    <div className="stack">
      <Panel title="安全事件">
        {kept.incidents.length === 0 ? (
          <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有安全事件" />
        ) : (
          <ul className="requests">
            {kept.incidents.map((incident) => (
              <IncidentCard key={incident.id} incident={incident} writes={writes} />
            ))}
          </ul>
        )}
      </Panel>
      {writes && (
        <Panel title="登记安全事件（个人信息保护法 第57条）">
          <RecordForm
            fields={[
              ['title', '事件概述（不写个人信息）'],
              ['scope', '涉及的信息种类、原因和可能造成的危害'],
              ['remedy', '已采取的补救措施'],
            ]}
            whyNot={kept.rules.length > 0 && rules.length === 0 ? '请选择适用的报告规则' : null}
            onSend={(texts) => call(api.POST('/api/v1/compliance/incidents', { body: { ...(texts as { title: string; scope: string; remedy: string }), discovered_at: found?.format(), rules } }))}
          >
            <div className="field">
              <span className="field-label" id="discovered">
                发现时间（不填为现在；各时限自此起算）
              </span>
              <DatePicker aria-labelledby="discovered" className="full" showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" maxDate={dayjs()} value={found} onChange={(value: Dayjs | null) => setFound(value)} />
            </div>
            <Checkbox.Group
              className="rights"
              aria-label="适用的报告规则"
              value={rules}
              onChange={(value) => setRules(value as string[])}
              options={kept.rules.map((rule) => ({
                value: rule.code,
                label: (
                  <>
                    {rule.title}，{rule.term}，报 {rule.to}
                    <div className="dim">
                      {rule.applies}（{rule.basis}；{rule.certainty}）
                    </div>
                  </>
                ),
              }))}
            />
          </RecordForm>
        </Panel>
      )}
    </div>
  )
}

function Audits({ kept, writes }: { kept: Kept; writes: boolean }) {
  const [year, setYear] = useState<number | null>(dayjs().year())
  const [children, setChildren] = useState(true)
  return (
    <div className="stack">
      <Panel title="年度审计" flush>
        <Table
          size="small"
          rowKey="id"
          pagination={false}
          dataSource={kept.audits}
          locale={NONE('还没有年度审计')}
          columns={[
            { title: '年度', dataIndex: 'year', width: 72 },
            { title: '范围', dataIndex: 'children', width: 180, render: (about: boolean) => (about ? '未成年人个人信息' : '个人信息保护合规') },
            { title: '审计方', dataIndex: 'auditor', width: 160 },
            { title: '发现', dataIndex: 'findings' },
            { title: '整改', dataIndex: 'measures' },
            { title: '报送', dataIndex: 'reported', width: 180 },
          ]}
        />
      </Panel>
      {writes && (
        <Panel title="登记年度审计（个人信息保护法 第54条；未成年人网络保护条例 第37条）">
          <RecordForm
            fields={[
              ['auditor', '审计的单位或人员'],
              ['findings', '审计发现'],
              ['measures', '整改情况'],
              ['reported', '报送的机关和文号'],
            ]}
            whyNot={year ? null : '请填写年度'}
            onSend={(texts) => call(api.POST('/api/v1/compliance/audits', { body: { ...(texts as { auditor: string; findings: string; measures: string; reported: string }), year: year ?? 0, children } }))}
          >
            <label className="field">
              <span className="field-label">年度</span>
              <InputNumber min={2000} max={2999} value={year} onChange={setYear} />
            </label>
            <Checkbox checked={children} onChange={(event) => setChildren(event.target.checked)}>
              未成年人个人信息的年度合规审计
            </Checkbox>
          </RecordForm>
        </Panel>
      )}
    </div>
  )
}

export function Compliance() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const { data: session } = useSuspenseQuery(sessionQuery)
  const kept = useQuery(complianceQuery, queryClient)
  const writes = session.roles.includes('privacy-officer')
  return (
    <div className="page">
      <h1 className="page-title">合规登记</h1>
      <Loaded query={kept}>
        {(all) => (
          <>
            <p className="dim">{all.kept.join('；')}。每次登记和变更都写入审计日志，不能改写或删除。</p>
            <Tabs
              activeKey={tab ?? 'assessments'}
              onChange={(to) => void navigate({ search: { tab: to }, replace: true })}
              items={[
                { key: 'assessments', label: '影响评估', children: <Assessments kept={all} writes={writes} /> },
                { key: 'processing', label: '处理记录', children: <Processing kept={all} writes={writes} /> },
                { key: 'incidents', label: '安全事件', children: <Incidents kept={all} writes={writes} /> },
                { key: 'audits', label: '年度审计', children: <Audits kept={all} writes={writes} /> },
              ]}
            />
          </>
        )}
      </Loaded>
    </div>
  )
}
