import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Button, Form, Input } from 'antd'
import { api, call, setCsrf } from '../api/client'
import { sessionQuery } from '../api/queries'
import { ProblemNote } from '../ui/Problem'

interface Given {
  login: string
  password: string
}

const route = getRouteApi('/login')

/** Only a path of this site is gone back to. */
function safe(back: string | undefined): string {
  return back?.startsWith('/') && !back.startsWith('//') && !back.startsWith('/login') ? back : '/'
}

export function SignIn() {
  const { back } = route.useSearch()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const signIn = useMutation({
    mutationFn: (body: Given) => call(api.POST('/api/v1/session', { body })),
    onSuccess: async (session) => {
      queryClient.clear()
      setCsrf(session.csrf)
      queryClient.setQueryData(sessionQuery.queryKey, session)
      await navigate({ href: safe(back) })
    },
  })
  return (
    <div className="sign-in">
      <div className="sign-in-box">
        <img src="/mark.svg" alt="" width={44} height={44} />
        <h1>综治中心工作台</h1>
        <p className="dim">安枢 · 登录后的每次查看和办理都会留痕</p>
        {signIn.error && <ProblemNote error={signIn.error} />}
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
      </div>
    </div>
  )
}
