/** The frame of every page: where one is, who one is, where one can go. */
import { BellOutlined, DownOutlined, LogoutOutlined, SafetyOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { App, Badge, Button, Dropdown, Menu, Watermark } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useRef, useState } from 'react'
import { api, call, setCsrf } from '../api/client'
import { asProblem } from '../api/problem'
import { refreshRecords, sessionQuery } from '../api/queries'
import { Boundary } from '../ui/Panel'
import { roleTitle } from '../ui/words'
import { dateTime } from '../ui/time'
import { placesFor } from './places'
import { StepUp } from './StepUp'

function useMinute(): string {
  const [minute, setMinute] = useState(() => dayjs().format('YYYY-MM-DD HH:mm'))
  useEffect(() => {
    const timer = setInterval(() => setMinute(dayjs().format('YYYY-MM-DD HH:mm')), 15_000)
    return () => clearInterval(timer)
  }, [])
  return minute
}

/** While emergency access lasts, every page says so, and it can be ended from every page. */
function EmergencyBar({ until }: { until: string }) {
  const { message } = App.useApp()
  const queryClient = useQueryClient()
  const refresh = async () => {
    await queryClient.fetchQuery({ ...sessionQuery, staleTime: 0 })
    await refreshRecords(queryClient)
  }
  const end = useMutation({
    mutationFn: () => call(api.DELETE('/api/v1/emergency')),
    onSuccess: () => void message.success('紧急访问已经结束，等待复核'),
    onError: (error: unknown) => void message.error(`没有结束：${asProblem(error).detail}`),
    onSettled: refresh,
  })
  useEffect(() => {
    const left = dayjs(until).diff(dayjs())
    const timer = setTimeout(() => void refresh(), Math.max(left, 0) + 1_000)
    return () => clearTimeout(timer)
  })
  return (
    <div className="emergency-bar" role="alert">
      <span>紧急访问进行中：您的每次查看都会被复核，{dateTime(until)} 自动结束</span>
      <Button size="small" danger loading={end.isPending} onClick={() => end.mutate()}>
        立即结束
      </Button>
    </div>
  )
}

export function Shell() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const minute = useMinute()
  const main = useRef<HTMLElement>(null)
  // Nothing else is answered before what must be done first.
  const places = session.must ? [] : placesFor(session)
  const here = [...places].reverse().find((place) => (place.path === '/' ? path === '/' : path.startsWith(place.path)))
  const selected = here?.path ?? (path.startsWith('/actions') ? '/start' : undefined)

  useEffect(() => {
    document.title = here ? `${here.title} · ${session.centre_name}` : session.centre_name
  }, [here, session.centre_name])

  // A new page takes the keyboard, so that its keys work at once; a page that chose a field itself keeps it.
  useEffect(() => {
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true })
  }, [path])

  const signOut = useMutation({
    mutationFn: () => call(api.DELETE('/api/v1/session')),
    onSettled: async () => {
      setCsrf('')
      queryClient.clear()
      await navigate({ to: '/login' })
    },
  })

  return (
    <div className="shell">
      <header className="top">
        <Link to="/" className="top-name">
          <img src="/mark.svg" alt="" width={26} height={26} />
          <span>{session.centre_name}</span>
        </Link>
        <span className="top-gap" />
        <span className="top-unit">
          {session.division_name} · {session.unit.name}
        </span>
        {!session.must && (
          <Link to="/notices" className="top-notices" aria-label={`提醒，未读 ${session.unread} 条`}>
            <Badge count={session.unread} size="small">
              <BellOutlined />
            </Badge>
          </Link>
        )}
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              { key: 'roles', disabled: true, label: `岗位：${session.roles.map(roleTitle).join('、') || '无'}` },
              { key: 'login', disabled: true, label: `账号：${session.person.login}` },
              { type: 'divider' },
              { key: 'security', icon: <SafetyOutlined />, label: <Link to="/security">我的登录安全</Link> },
              { key: 'out', icon: <LogoutOutlined />, label: '退出登录', onClick: () => signOut.mutate() },
            ],
          }}
        >
          <button type="button" className="top-person">
            {session.person.name} <DownOutlined />
          </button>
        </Dropdown>
      </header>
      <nav className="side" aria-label="主菜单">
        <Menu
          mode="inline"
          selectedKeys={selected ? [selected] : []}
          items={places.map(({ path: key, title, icon }) => ({ key, icon, label: <Link to={key}>{title}</Link> }))}
        />
      </nav>
      <Watermark className="main" content={[session.person.name, minute]} gap={[180, 150]} font={{ color: 'rgba(28,37,48,0.055)', fontSize: 14 }} rotate={-18}>
        {session.emergency && <EmergencyBar until={session.emergency.until} />}
        <main ref={main} tabIndex={0}>
          <Boundary key={path}>
            <Outlet />
          </Boundary>
        </main>
      </Watermark>
      <StepUp />
    </div>
  )
}
