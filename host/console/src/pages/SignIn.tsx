import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Button, Divider, Form, Input } from 'antd'
import { useEffect, useState } from 'react'
import { api, call, setCsrf } from '../api/client'
import { sessionQuery, waysQuery } from '../api/queries'
import type { Proof, SecondFactor, Session } from '../api/types'
import { ProblemNote } from '../ui/Problem'
import { AskSecondFactor } from '../ui/SecondFactor'

interface Given {
  login: string
  password: string
}

const route = getRouteApi('/login')

/** Only a path of this site is gone back to. */
function safe(back: string | undefined): string {
  return back?.startsWith('/') && !back.startsWith('//') && !back.startsWith('/login') ? back : '/'
}

/** The ticket that an identity server's answer left behind the hash. */
function left(): string | null {
  const found = /^#second=([\w-]+)$/.exec(window.location.hash)
  return found?.[1] ?? null
}

export function SignIn() {
  const { back } = route.useSearch()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const ways = useQuery(waysQuery)
  const [asked, setAsked] = useState<SecondFactor | null>(null)

  const enter = async (session: Session) => {
    queryClient.clear()
    setCsrf(session.csrf)
    queryClient.setQueryData(sessionQuery.queryKey, session)
    await navigate({ href: session.must ? '/security' : safe(back) })
  }
  const signIn = useMutation({
    mutationFn: (body: Given) => call(api.POST('/api/v1/session', { body })),
    onSuccess: async (answer) => ('ticket' in answer ? setAsked(answer) : enter(answer)),
  })
  const { mutate: goOn, error: goOnError } = useMutation({
    mutationFn: (ticket: string) => call(api.POST('/api/v1/session/second/begin', { body: { ticket } })),
    onSuccess: setAsked,
  })
  useEffect(() => {
    const ticket = left()
    if (ticket) {
      // Not kept in the address: it would be asked for again with every reload.
      window.history.replaceState(null, '', window.location.pathname)
      goOn(ticket)
    }
  }, [goOn])

  const prove = async (body: Proof) => enter(await call(api.POST('/api/v1/session/second', { body })))
  const error = signIn.error ?? goOnError
  return (
    <div className="sign-in">
      <div className="sign-in-box">
        <img src="/mark.svg" alt="" width={44} height={44} />
        <h1>综治中心工作台</h1>
        <p className="dim">安枢 · 登录后的每次查看和办理都会留痕</p>
        {asked ? (
          <div className="stack">
            <p>口令正确，请再用第二因素确认身份。</p>
            <AskSecondFactor asked={asked} okText="登录" onProve={prove} />
            <Button type="link" onClick={() => setAsked(null)}>
              返回，换一个账号
            </Button>
          </div>
        ) : (
          <>
            {error && <ProblemNote error={error} />}
            <Form<Given> layout="vertical" requiredMark={false} disabled={signIn.isPending} onFinish={(given) => signIn.mutate(given)}>
              <Form.Item name="login" label="账号" rules={[{ required: true, message: '请填写账号' }]}>
                <Input autoFocus autoComplete="username" spellCheck={false} size="large" />
              </Form.Item>
              <Form.Item name="password" label="密码" rules={[{ required: true, message: '请填写密码' }]}>
                <Input.Password autoComplete="current-password" size="large" />
              </Form.Item>
              <Button type="primary" htmlType="submit" block size="large" loading={signIn.isPending}>
                登录
              </Button>
            </Form>
            {ways.data?.oidc && (
              <>
                <Divider plain>或</Divider>
                <Button block size="large" href="/api/v1/session/oidc/start">
                  用{ways.data.oidc}登录
                </Button>
              </>
            )}
          </>
        )}
      </div>
    </div>
  )
}
