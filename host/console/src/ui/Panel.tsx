/** A card whose failure stays its own: the rest of the page goes on. */
import { Card, Skeleton } from 'antd'
import { Component, type ErrorInfo, type ReactNode } from 'react'
import { ProblemNote } from './Problem'

/** Catches what a card's drawing throws. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override componentDidCatch(error: Error, info: ErrorInfo) {
    console.error('card failed', error.message, info.componentStack)
  }

  override render() {
    if (this.state.error) return <ProblemNote error={this.state.error} onRetry={() => this.setState({ error: null })} />
    return this.props.children
  }
}

interface PanelProps {
  title?: ReactNode
  extra?: ReactNode
  children: ReactNode
  className?: string
  flush?: boolean
}

export function Panel({ title, extra, children, className, flush }: PanelProps) {
  return (
    <Card size="small" title={title} extra={extra} className={className} styles={flush ? { body: { padding: 0 } } : {}}>
      <Boundary>{children}</Boundary>
    </Card>
  )
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown }
  children: (data: T) => ReactNode
  rows?: number
}

/** Draws a query's answer, its wait, or its error with a way to try again. */
export function Loaded<T>({ query, children, rows = 4 }: LoadedProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
  return <Skeleton active title={false} paragraph={{ rows }} className="waiting" />
}
