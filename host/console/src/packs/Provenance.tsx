/** Where a version comes from: who signed, and whether the centre's policy accepts that. Development mode is said loudly. */
import { Alert } from 'antd'
import type { PackView } from '../api/types'

type Origin = PackView['provenance']

/** Whether a version was let in although the policy refuses it: only development mode does that. */
export function isUntrusted(origin: Origin): boolean {
  return origin?.accepted === false
}

function signers(origin: NonNullable<Origin>): string {
  return origin.signatures
    .filter(({ counts }) => counts)
    .map(({ holder, signer }) => holder ?? signer)
    .join('、')
}

export function OriginTag({ origin }: { origin: Origin }) {
  if (!origin) return <span className="dim">未记录</span>
  if (!origin.accepted) return <span className="tag tag-bad">{origin.signatures.length === 0 ? '未签名（开发模式）' : '签名不够（开发模式）'}</span>
  return <span className="tag tag-good">{signers(origin) ? `${signers(origin)} 签名` : '符合来源策略'}</span>
}

export function OriginNote({ origin }: { origin: Origin }) {
  if (!origin) return <p className="dim">存入时还没有签名制度，没有留下来源的记录。</p>
  return (
    <div className="stack">
      {origin.accepted ? (
        <Alert type="success" showIcon title="来源可信：符合本中心的来源策略" />
      ) : (
        <Alert type="error" showIcon title="开发模式：来源策略不接受这个版本，仍被收下" description={`${origin.warning ?? '签名不够'}。下一步：正式使用前关闭开发模式，请发布单位补齐签名后重新暂存。`} />
      )}
      {origin.signatures.length === 0 ? (
        <p className="dim">没有签名</p>
      ) : (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">签名人</th>
              <th scope="col">单位</th>
              <th scope="col">密钥</th>
              <th scope="col">是否计入</th>
            </tr>
          </thead>
          <tbody>
            {origin.signatures.map((signature) => (
              <tr key={`${signature.key_id}${signature.algorithm}`}>
                <td>{signature.signer}</td>
                <td>{signature.holder ?? '—'}</td>
                <td className="code break">
                  {signature.key ?? signature.key_id.slice(0, 16)}（{signature.algorithm}）
                </td>
                <td>
                  <span className={`tag ${signature.counts ? 'tag-good' : 'tag-bad'}`}>{signature.worth}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
