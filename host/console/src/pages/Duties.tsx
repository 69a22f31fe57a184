import { getRouteApi } from '@tanstack/react-router'
import { Button, Segmented } from 'antd'
import { dutiesQuery } from '../api/queries'
import type { Duty } from '../api/types'
import { Duties as DutyList } from '../ui/Duties'
import { Loaded, Panel } from '../ui/Panel'
import { usePages } from '../ui/usePages'

const route = getRouteApi('/shell/duties')

const NONE = { open: '没有待履行的职责', overdue: '没有已逾期的职责', done: '还没有履行过的职责' }

export function Duties() {
  const show = route.useSearch().show ?? 'open'
  const navigate = route.useNavigate()
  const list = usePages<Duty>(dutiesQuery(show))
  return (
    <div className="page">
      <h1 className="page-title">职责</h1>
      <Panel
        title={
          <Segmented
            size="small"
            aria-label="哪些职责"
            value={show}
            onChange={(value) => void navigate({ search: { show: value === 'overdue' || value === 'done' ? value : undefined }, replace: true })}
            options={[
              { value: 'open', label: '待履行' },
              { value: 'overdue', label: '已逾期' },
              { value: 'done', label: '已履行' },
            ]}
          />
        }
        extra={<span className="dim">先到期的在前</span>}
      >
        <Loaded query={{ ...list, data: list.isPending || (list.error && list.items.length === 0) ? undefined : list.items }}>
          {(duties) => <DutyList linked duties={duties} none={NONE[show]} />}
        </Loaded>
        {list.hasNextPage && (
          <Button size="small" className="more" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            再列 50 条
          </Button>
        )}
      </Panel>
    </div>
  )
}
