/** The head of a record's page: what it is, where it stands, who has it. */
import type { ReactNode } from 'react'

export function RecordHead({ title, over, marks, facts, children }: { title: string; over: ReactNode; marks: ReactNode; facts: [string, ReactNode][]; children?: ReactNode }) {
  return (
    <header className="record-head">
      <div className="record-over">{over}</div>
      <div className="record-line">
        <h1>{title}</h1>
        <div className="record-marks">{marks}</div>
      </div>
      <dl className="record-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {children}
    </header>
  )
}
