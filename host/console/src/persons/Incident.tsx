/** A security incident: what must be reported by when and on whose word, what was, and whether persons were told. */
import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, Radio, Table } from 'antd'
import { useState } from 'react'
import { api, call } from '../api/client'
import type { Incident } from '../api/types'
import { Confirm } from '../ui/Confirm'
import { dateTime } from '../ui/time'

type Doing = { what: 'report'; code: string; title: string } | { what: 'notice' } | { what: 'close' }

function Step({ incident, doing, onClose }: { incident: Incident; doing: Doing; onClose: () => void }) {
  const queryClient = useQueryClient()
  const [text, setText] = useState('')
  const [told, setTold] = useState(true)
  const titles = { report: '登记报告', notice: '登记是否告知个人', close: '办结' }
  const asked = { report: '报告的文号，或者接收人', notice: told ? '告知的方式' : '不告知的理由（个人信息保护法 第57条）', close: '处置情况总结' }
  const said = text.trim()
  const body = doing.what === 'report' ? { report: { code: doing.code, reference: said } } : doing.what === 'notice' ? { notice: { told, how: said } } : { close: said }
  return (
    <Confirm
      title={doing.what === 'report' ? `${titles.report}：${doing.title}` : titles[doing.what]}
      okText="登记"
      said="已登记"
      whyNot={said ? null : `请填写：${asked[doing.what]}`}
      onDo={async () => {
        const all = await call(api.POST('/api/v1/compliance/incidents/{id}/step', { params: { path: { id: incident.id } }, body }))
        queryClient.setQueryData(['compliance'], all)
      }}
      onClose={onClose}
    >
      {doing.what === 'notice' && (
        <Radio.Group
          aria-label="是否告知个人"
          value={told}
          onChange={(event) => setTold(event.target.value as boolean)}
          options={[
            { value: true, label: '已告知' },
            { value: false, label: '不告知' },
          ]}
        />
      )}
      <label className="field">
        <span className="field-label">{asked[doing.what]}</span>
        <Input.TextArea autoFocus rows={3} maxLength={4000} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
    </Confirm>
  )
}

export function IncidentCard({ incident, writes }: { incident: Incident; writes: boolean }) {
  const [doing, setDoing] = useState<Doing | null>(null)
  const open = writes && !incident.closed
  return (
    <li className="request">
      <div className="request-head">
        <strong>{incident.title}</strong>
        <span className={`tag ${incident.closed ? 'tag-good' : 'tag-policy'}`}>{incident.closed ? '已办结' : '处置中'}</span>
        {incident.late && <span className="tag tag-bad">有报告超过时限</span>}
        <span className="dim">{dateTime(incident.discovered_at)} 发现</span>
      </div>
      <p className="plain-text">{incident.scope}</p>
      <p className="plain-text">补救措施：{incident.remedy}</p>
      <Table
        size="small"
        rowKey="code"
        pagination={false}
        dataSource={incident.owed}
        columns={[
          {
            title: '应当报告',
            key: 'title',
            render: (_, owed) => (
              <>
                {owed.title}，报 {owed.to}
                <div className="dim">
                  {owed.basis}；{owed.certainty}
                </div>
              </>
            ),
          },
          { title: '时限', dataIndex: 'due', width: 142, render: (at: string) => dateTime(at) },
          {
            title: '情况',
            key: 'done',
            width: 230,
            render: (_, owed) => (
              <>
                {owed.late && <span className="tag tag-bad">超时</span>}
                {owed.reported_at ? `${dateTime(owed.reported_at)} ${owed.reference ?? ''}` : open ? <Button size="small" onClick={() => setDoing({ what: 'report', code: owed.code, title: owed.title })}>登记报告</Button> : '未登记'}
              </>
            ),
          },
        ]}
      />
      <p>
        告知个人：{incident.notice ? `${incident.notice.told ? '已告知' : '不告知'}，${incident.notice.how}` : '未登记'}
        {incident.closed && `；总结：${incident.closed}`}
      </p>
      {open && (
        <div className="request-foot">
          <Button size="small" onClick={() => setDoing({ what: 'notice' })}>
            登记是否告知个人
          </Button>
          <Button size="small" onClick={() => setDoing({ what: 'close' })}>
            办结
          </Button>
        </div>
      )}
      {doing && <Step incident={incident} doing={doing} onClose={() => setDoing(null)} />}
    </li>
  )
}
