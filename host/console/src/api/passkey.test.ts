import { describe, expect, it } from 'vitest'
import { decode, encode, whyNoKey } from './passkey'

describe('a key between the server and the browser', () => {
  it('carries every byte there and back without padding', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    for (const length of [0, 1, 2, 3, 255, 256]) {
      const text = encode(bytes.slice(0, length).buffer)
      expect(text).toMatch(/^[\w-]*$/)
      expect(new Uint8Array(decode(text ?? ''))).toEqual(bytes.slice(0, length))
    }
    expect(encode(null)).toBeNull()
  })

  it('says in words why there is none', () => {
    expect(whyNoKey(new DOMException('x', 'NotAllowedError'))).toContain('取消')
    expect(whyNoKey(new DOMException('x', 'SecurityError'))).toContain('地址')
    expect(whyNoKey(new Error('x'))).toContain('没有完成')
  })
})
