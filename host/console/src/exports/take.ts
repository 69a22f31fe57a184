/** Takes a file, once, and hands it to the browser to be saved. */
import { api } from '../api/client'
import { ApiError, readProblem } from '../api/problem'
import type { Export } from '../api/types'

export async function takeFile(row: Pick<Export, 'id' | 'ticket' | 'format'>): Promise<void> {
  const { data, error, response } = await api.POST('/api/v1/exports/{id}/file', { params: { path: { id: row.id } }, parseAs: 'blob' })
  if (!response.ok || data === undefined) {
    const text = error instanceof Blob ? await error.text() : JSON.stringify(error ?? {})
    throw new ApiError(readProblem(response.status, parsed(text)))
  }
  const address = URL.createObjectURL(data as unknown as Blob)
  const link = document.createElement('a')
  link.href = address
  link.download = `${row.ticket}.${row.format}`
  link.click()
  URL.revokeObjectURL(address)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
