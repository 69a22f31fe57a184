// @vitest-environment node
import { readFileSync } from 'node:fs'
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript'
import { describe, expect, it } from 'vitest'
import { ApiError, asProblem, readProblem } from './problem'

const at = (path: string) => new URL(path, import.meta.url)

describe('generated types', () => {
  it('match the committed document; after a change run `npm run api`', async () => {
    const made = COMMENT_HEADER + astToString(await openapiTS(at('../../openapi.json')))
    expect(readFileSync(at('./__generated__/schema.d.ts'), 'utf8')).toBe(made)
  })
})

describe('a refusal', () => {
  it('always tells the next step', () => {
    for (const status of [0, 401, 403, 404, 409, 422, 429, 500, 503]) expect(readProblem(status, {}).next).toBeTruthy()
    expect(readProblem(403, { next: '请联系管理员' }).next).toBe('请联系管理员')
  })

  it('is read from anything, even a proxy’s page', () => {
    expect(readProblem(502, '<html>').title).toContain('502')
    expect(readProblem(422, { title: '内容有误', problems: [{ at: '/a', found: '空', expected: '有' }, null, 3] }).problems).toEqual([{ at: '/a', found: '空', expected: '有' }])
  })

  it('keeps its words when it is thrown', () => {
    expect(asProblem(new ApiError(readProblem(409, { detail: '已变动' }))).detail).toBe('已变动')
    expect(asProblem(new Error('x')).next).toBeTruthy()
  })
})
