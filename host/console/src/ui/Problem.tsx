/** What went wrong, where, what would be right, and the next step. */
import { Alert, Button } from 'antd'
import { asProblem } from '../api/problem'

export function ProblemNote({ error, onRetry, list = true }: { error: unknown; onRetry?: () => void; list?: boolean }) {
  const problem = asProblem(error)
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      className="problem"
      title={problem.title}
      description={
        <>
          {problem.detail && problem.detail !== problem.title && <div>{problem.detail}</div>}
          {list && problem.problems.length > 0 && (
            <ul className="problem-list">
              {problem.problems.map((item) => (
                <li key={`${item.at}${item.expected}`}>
                  {item.at && <code>{item.at}</code>} {item.found}
                  {item.expected && `，应为${item.expected}`}
                </li>
              ))}
            </ul>
          )}
          {problem.next && <div className="problem-next">下一步：{problem.next}</div>}
        </>
      }
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            重试
          </Button>
        )
      }
    />
  )
}
