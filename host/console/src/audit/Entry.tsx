/** One entry of the log: everything that it says, and the proof that it is in the log. */
import { useQuery } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import type { ReactNode } from 'react'
import { auditEntryQuery } from '../api/queries'
import { Loaded } from '../ui/Panel'
import { dateTime } from '../ui/time'
import { named, useAccounts } from './people'
import { keep, VERDICTS } from './words'

function Fact({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd className="break">{children}</dd>
    </div>
  )
}

export function Entry({ index, onClose }: { index: number; onClose: () => void }) {
  const entry = useQuery(auditEntryQuery(index))
  const accounts = useAccounts()
  return (
    <Drawer
      open
      size={560}
      title={`日志第 ${index} 条`}
      onClose={onClose}
      extra={
        <Button size="small" disabled={!entry.data} onClick={() => entry.data && keep(entry.data.proof, `${index}.tlog-proof`)}>
          下载包含证明
        </Button>
      }
    >
      <Loaded query={entry}>
        {(found) => (
          <div className="stack">
            <dl className="record-facts facts-narrow">
              <Fact title="时间">{dateTime(found.at)}</Fact>
              <Fact title="主体">{named(found.actor, accounts)}</Fact>
              <Fact title="动作">{found.action}</Fact>
              <Fact title="结论">{VERDICTS[found.verdict]?.[0] ?? found.verdict}</Fact>
              <Fact title="目的与依据">{found.purpose}</Fact>
              <Fact title="服务的事项">{found.serves ?? '—'}</Fact>
              <Fact title="操作">{found.operation}</Fact>
              <Fact title="说明">{found.note || '—'}</Fact>
              <Fact title="对象">
                {found.touched.length === 0
                  ? '—'
                  : found.touched.map(({ kind, id, version }) => (
                      <div key={id} className="code">
                        {kind} {id} 第 {version} 版
                      </div>
                    ))}
              </Fact>
              {found.digest && <Fact title="所指内容的摘要">{found.digest}</Fact>}
              {found.rows && <Fact title="所写各行的摘要">{found.rows}</Fact>}
            </dl>
            <p className="dim">日志不含个人信息。包含证明（C2SP tlog-proof）连同条目原文，凭日志公钥即可离线核验这一条在日志之内。</p>
            <pre className="code break">{found.leaf}</pre>
          </div>
        )}
      </Loaded>
    </Drawer>
  )
}
