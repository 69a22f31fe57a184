/** 时限算式: a clock with its arithmetic, pauses and source, so that any due date can be recomputed by hand. */
import { Empty } from 'antd'
import type { Clock } from '../api/types'
import { LightTag } from './Light'
import { BasisMark } from './Tags'
import { dateTime } from './time'

export function ClockLedger({ clocks }: { clocks: Clock[] }) {
  if (clocks.length === 0) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="此件没有时限" />
  return (
    <div className="ledgers">
      {clocks.map((clock) => (
        <section key={clock.id} className="ledger" aria-label={clock.name}>
          <header>
            <h3>{clock.name}</h3>
            <LightTag light={clock.light} />
            <BasisMark basis={clock.basis} />
          </header>
          <dl className="facts">
            <div className="fact">
              <dt>起算</dt>
              <dd>{dateTime(clock.start)}</dd>
            </div>
            <div className="fact">
              <dt>期限</dt>
              <dd>
                {clock.amount ?? ''} {clock.unit_title}
              </dd>
            </div>
            <div className="fact">
              <dt>到期</dt>
              <dd>{clock.due ? dateTime(clock.due) : '不设到期时刻'}</dd>
            </div>
          </dl>
          {clock.arithmetic.length > 0 && (
            <ol className="arithmetic">
              {clock.arithmetic.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ol>
          )}
          {clock.pauses.length > 0 && (
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">中止</th>
                  <th scope="col">恢复</th>
                  <th scope="col">决定人</th>
                  <th scope="col">事由</th>
                </tr>
              </thead>
              <tbody>
                {clock.pauses.map((pause) => (
                  <tr key={pause.from}>
                    <td>{dateTime(pause.from)}</td>
                    <td>{pause.until ? dateTime(pause.until) : '尚未恢复'}</td>
                    <td>{pause.who}</td>
                    <td>{pause.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </section>
      ))}
    </div>
  )
}
