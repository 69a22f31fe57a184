/**
 * Proving again who one is, when the server asks for it. A page wraps what may need it: `confirmed(() => call(…))`; the
 * dialog opens, and what was begun goes on by itself.
 */
import { useQueryClient } from '@tanstack/react-query'
import { Modal, Skeleton } from 'antd'
import { useEffect, useState } from 'react'
import { api, call, setCsrf } from '../api/client'
import { ApiError } from '../api/problem'
import { sessionQuery } from '../api/queries'
import type { Proof, SecondFactor } from '../api/types'
import { ProblemNote } from '../ui/Problem'
import { AskSecondFactor } from '../ui/SecondFactor'

/** What the server says where it wants to know again who somebody is. */
export const CONFIRM = 'urn:anshu:problem:confirm'

type Waiting = { done: () => void; given: () => void }
let open: ((waiting: Waiting) => void) | null = null

/** Does something; where a fresh proof is asked for, asks for it and does it again. */
export async function confirmed<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const ask = open
    if (!(error instanceof ApiError) || error.problem.type !== CONFIRM || !ask) throw error
    const proved = await new Promise<boolean>((resolve) => ask({ done: () => resolve(true), given: () => resolve(false) }))
    if (!proved) throw error
    return act()
  }
}

/** Where the dialog lives; once, in the frame. */
export function StepUp() {
  const queryClient = useQueryClient()
  const [waiting, setWaiting] = useState<Waiting | null>(null)
  const [asked, setAsked] = useState<SecondFactor | null>(null)
  const [failed, setFailed] = useState<unknown>(null)

  useEffect(() => {
    open = setWaiting
    return () => {
      open = null
    }
  }, [])

  useEffect(() => {
    if (!waiting) return
    setAsked(null)
    setFailed(null)
    call(api.POST('/api/v1/session/confirm/begin')).then(setAsked, setFailed)
  }, [waiting])

  const prove = async (body: Proof) => {
    const session = await call(api.POST('/api/v1/session/confirm', { body }))
    setCsrf(session.csrf)
    queryClient.setQueryData(sessionQuery.queryKey, session)
    waiting?.done()
    setWaiting(null)
  }
  const close = () => {
    waiting?.given()
    setWaiting(null)
  }
  return (
    <Modal open={waiting !== null} title="再次确认身份" footer={null} width={440} onCancel={close} destroyOnHidden>
      <p className="dim">这一步需要刚刚确认过的身份，并会留痕。</p>
      {failed ? <ProblemNote error={failed} /> : asked ? <AskSecondFactor asked={asked} okText="确认" onProve={prove} /> : <Skeleton active title={false} paragraph={{ rows: 2 }} />}
    </Modal>
  )
}
