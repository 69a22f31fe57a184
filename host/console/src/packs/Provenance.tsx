/** Where a version comes from: who signed, and whether the centre's policy accepts that. Development mode is said loudly. */
import { Alert } from 'antd'
import type { Origin } from './versions'

export function OriginTag({ origin }: { origin: Origin | null | undefined }) {
  if (!origin) return <span className="dim">未记录</span>
  if (origin.development) return <span className="tag tag-bad">未签名（开发模式）</span>
  return <span className={`tag ${origin.accepted ? 'tag-good' : 'tag-bad'}`}>{origin.accepted ? `${origin.signers.join('、')} 签名` : '签名不被接受'}</span>
}

export function OriginNote({ origin }: { origin: Origin | null | undefined }) {
  if (!origin) return <p className="dim">没有留下来源的记录。</p>
  if (origin.development) return <Alert type="error" showIcon title="开发模式：这个版本没有签名也被收下" description="任何人都能换掉它的内容。下一步：正式使用前关闭开发模式，请发布单位签名后重新暂存。" />
  if (!origin.accepted) return <Alert type="error" showIcon title="来源策略不接受这个版本" description={`${origin.reason ?? '签名不够'}。下一步：请发布单位补齐签名后重新暂存。`} />
  return <Alert type="success" showIcon title={`来源可信：${origin.signers.join('、')} 签名，符合本中心的来源策略`} />
}
