/** 提醒: what one must hear of. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Empty } from 'antd'
import { api, call } from '../api/client'
import { noticesQuery, sessionQuery } from '../api/queries'
import { Loaded, Panel } from '../ui/Panel'
import { ProblemNote } from '../ui/Problem'
import { dateTime } from '../ui/time'

export function Notices() {
  const notices = useQuery(noticesQuery)
  const queryClient = useQueryClient()
  const latest = notices.data?.[0]
  const unread = notices.data?.filter(({ read }) => !read).length ?? 0
  const read = useMutation({
    mutationFn: (id: string) => call(api.POST('/api/v1/notices/{id}/read', { params: { path: { id } } })),
    onSuccess: async () => {
      await Promise.all([queryClient.invalidateQueries({ queryKey: ['notices'] }), queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })])
    },
  })
  return (
    <div className="page">
      <h1 className="page-title">提醒</h1>
      {read.error && <ProblemNote error={read.error} />}
      <Panel
        title={unread > 0 ? `未读 ${unread} 条` : '没有未读的提醒'}
        extra={
          latest &&
          unread > 0 && (
            <Button size="small" loading={read.isPending} onClick={() => read.mutate(latest.id)}>
              全部标为已读
            </Button>
          )
        }
      >
        <Loaded query={notices}>
          {(list) =>
            list.length === 0 ? (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description="没有提醒" />
            ) : (
              <ul className="notices">
                {list.map((notice) => (
                  <li key={notice.id} className={notice.read ? 'dim' : undefined}>
                    <time>{dateTime(notice.at)}</time> <span className="tag tag-quiet">{notice.kind === 'emergency' ? '紧急访问' : '登录'}</span> {notice.text}
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </div>
  )
}
