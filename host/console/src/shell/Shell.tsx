/** The frame of every page: where one is, who one is, where one can go. */
import { DownOutlined, LogoutOutlined } from '@ant-design/icons'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router'
import { Dropdown, Menu, Watermark } from 'antd'
import dayjs from 'dayjs'
import { useEffect, useRef, useState } from 'react'
import { api, call, setCsrf } from '../api/client'
import { sessionQuery } from '../api/queries'
import { Boundary } from '../ui/Panel'
import { roleTitle } from '../ui/words'
import { placesFor } from './places'

function useMinute(): string {
  const [minute, setMinute] = useState(() => dayjs().format('YYYY-MM-DD HH:mm'))
  useEffect(() => {
    const timer = setInterval(() => setMinute(dayjs().format('YYYY-MM-DD HH:mm')), 15_000)
    return () => clearInterval(timer)
  }, [])
  return minute
}

export function Shell() {
  const { data: session } = useSuspenseQuery(sessionQuery)
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const minute = useMinute()
  const main = useRef<HTMLElement>(null)
  const places = placesFor(session)
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
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              { key: 'roles', disabled: true, label: `岗位：${session.roles.map(roleTitle).join('、') || '无'}` },
              { key: 'login', disabled: true, label: `账号：${session.person.login}` },
              { type: 'divider' },
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
        <main ref={main} tabIndex={0}>
          <Boundary key={path}>
            <Outlet />
          </Boundary>
        </main>
      </Watermark>
    </div>
  )
}
