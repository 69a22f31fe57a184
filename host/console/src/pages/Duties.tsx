import { getRouteApi } from '@tanstack/react-router'
import { Button, Segmented } from 'antd'
import { dutiesQuery } from '../api/queries'
import type { Duty } from '../api/types'
import { Duties as DutyList } from '../ui/Duties'
import { Loaded, Panel } from '../ui/Panel'
import { usePages } from '../ui/usePages'

const route = getRouteApi('/shell/duties')

export function Duties() {
  const { done } = route.useSearch()
  const navigate = route.useNavigate()
  const list = usePages<Duty>(dutiesQuery(!done))
  return (
    <div className="page">
      <h1 className="page-title">职责</h1>
      <Panel
        title={
          <Segmented
            size="small"
            value={done ? 'done' : 'open'}
            onChange={(value) => void navigate({ search: { done: value === 'done' ? true : undefined }, replace: true })}
            options={[
              { value: 'open', label: '待履行' },
              { value: 'done', label: '已履行' },
            ]}
          />
        }
      >
        <Loaded query={{ ...list, data: list.isPending || (list.error && list.items.length === 0) ? undefined : list.items }}>
          {(duties) => <DutyList linked duties={duties} none={done ? '还没有履行过的职责' : '没有待履行的职责'} />}
        </Loaded>
        {list.hasNextPage && (
          <Button size="small" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            再列 50 条
          </Button>
        )}
      </Panel>
    </div>
  )
}
