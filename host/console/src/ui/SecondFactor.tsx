/** Asks for a second factor: a key, a time code, a recovery code; or the password, where there is nothing else. */
import { KeyOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Form, Input, Segmented } from 'antd'
import { useState } from 'react'
import { type KeyAnswer, useKey, whyNoKey } from '../api/passkey'
import type { Proof, SecondFactor } from '../api/types'
import { ProblemNote } from './Problem'

const METHODS: Record<string, string> = { passkey: '安全密钥', totp: '动态口令', recovery: '恢复码', password: '口令' }

interface Props {
  asked: SecondFactor
  okText: string
  /** Sends what was brought. */
  onProve: (proof: Proof) => Promise<unknown>
}

export function AskSecondFactor({ asked, okText, onProve }: Props) {
  const [method, setMethod] = useState(asked.methods[0] ?? 'totp')
  const [noKey, setNoKey] = useState<string | null>(null)
  const prove = useMutation({ mutationFn: onProve })
  const withKey = async () => {
    setNoKey(null)
    let passkey: KeyAnswer
    try {
      passkey = await useKey(asked.passkey)
    } catch (error) {
      setNoKey(error instanceof DOMException ? whyNoKey(error) : (error as Error).message)
      return
    }
    prove.mutate({ ticket: asked.ticket, passkey })
  }
  return (
    <div className="stack">
      {asked.methods.length > 1 && (
        <Segmented
          block
          value={method}
          onChange={(value) => {
            setMethod(value)
            prove.reset()
          }}
          options={asked.methods.map((value) => ({ value, label: METHODS[value] ?? value }))}
        />
      )}
      {prove.error && <ProblemNote error={prove.error} />}
      {noKey && <Alert type="warning" showIcon title={noKey} />}
      {method === 'passkey' ? (
        <Button type="primary" block size="large" icon={<KeyOutlined />} loading={prove.isPending} autoFocus onClick={() => void withKey()}>
          使用安全密钥
        </Button>
      ) : (
        <Form<{ text: string }>
          key={method}
          layout="vertical"
          requiredMark={false}
          disabled={prove.isPending}
          onFinish={({ text }) => prove.mutate({ ticket: asked.ticket, [method === 'totp' ? 'code' : method]: text })}
        >
          {method === 'totp' && (
            <Form.Item name="text" label="验证器上显示的六位数字" rules={[{ required: true, pattern: /^\s*\d{3}\s?\d{3}\s*$/, message: '请填写六位数字' }]}>
              <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={8} size="large" />
            </Form.Item>
          )}
          {method === 'recovery' && (
            <Form.Item name="text" label="一个没有用过的恢复码" rules={[{ required: true, message: '请填写恢复码' }]}>
              <Input autoFocus autoComplete="off" spellCheck={false} size="large" />
            </Form.Item>
          )}
          {method === 'password' && (
            <Form.Item name="text" label="口令" rules={[{ required: true, message: '请填写口令' }]}>
              <Input.Password autoFocus autoComplete="current-password" size="large" />
            </Form.Item>
          )}
          <Button type="primary" htmlType="submit" block size="large" loading={prove.isPending}>
            {okText}
          </Button>
        </Form>
      )}
    </div>
  )
}
