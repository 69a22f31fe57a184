/** A page that could not be drawn, or that there is none: always with a way on. */
import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { ProblemNote } from '../ui/Problem'

export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <div className="failed">
      <ProblemNote error={error} onRetry={reset} />
      <Button type="link" onClick={() => window.location.reload()}>
        刷新页面
      </Button>
    </div>
  )
}

export function NotFound() {
  return (
    <div className="failed">
      <h1>没有这个页面</h1>
      <p>地址可能已经变更，或抄写有误。</p>
      <Link to="/">回到工作台</Link>
    </div>
  )
}
