/** The one road to the server: typed by the generated document, same origin, session cookie, anti-forgery header. */
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './__generated__/schema'
import { ApiError, readProblem } from './problem'

let csrf = ''

/** Keeps the token that every unsafe request carries. */
export function setCsrf(token: string): void {
  csrf = token
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && request.method !== 'HEAD' && csrf) request.headers.set('x-anshu-csrf', csrf)
    return request
  },
}

/** The client. Call it through {@link call}. */
export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: 'same-origin', headers: { accept: 'application/json' } })
api.use(guard)

interface Answered<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Awaits a call; what is no answer becomes an {@link ApiError}. */
export async function call<T>(pending: Promise<Answered<T>>): Promise<T> {
  let answered: Answered<T>
  try {
    answered = await pending
  } catch {
    throw new ApiError(readProblem(0, {}))
  }
  if (!answered.response.ok) throw new ApiError(readProblem(answered.response.status, answered.error))
  return answered.data as T
}
