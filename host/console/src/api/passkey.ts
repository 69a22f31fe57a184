/** Keys (WebAuthn) between the server's JSON and the browser's buffers. Written out, as the browsers of offices may be old. */

interface CreationJson {
  publicKey: Record<string, unknown> & { challenge: string; user: { id: string }; excludeCredentials?: { id: string }[] }
}
interface RequestJson {
  publicKey: Record<string, unknown> & { challenge: string; allowCredentials?: { id: string }[] }
}

/** What is sent back. The document says of it only that it is an object. */
export type KeyAnswer = Record<string, never>

/** Bytes as base64url without padding. */
export function encode(bytes: ArrayBuffer | null): string | null {
  if (bytes === null) return null
  const text = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The bytes of base64url. */
export function decode(text: string): ArrayBuffer {
  const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0)).buffer
}

const named = (list: { id: string }[] | undefined) => list?.map((one) => ({ ...one, id: decode(one.id) }))

/** Why the browser made no answer, in words. */
export function whyNoKey(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError') return '没有使用安全密钥：已取消，或等待超时'
  if (name === 'InvalidStateError') return '这个安全密钥已经添加过'
  if (name === 'SecurityError') return '本页地址与安全密钥绑定的地址不同，请用登记的地址打开'
  return '浏览器没有完成安全密钥的操作'
}

function supported(): CredentialsContainer {
  const container = (navigator as Partial<Navigator>).credentials
  if (!container || typeof PublicKeyCredential === 'undefined') throw new Error('这个浏览器不支持安全密钥；请换用新版浏览器，或使用动态口令')
  return container
}

/** Asks the browser for a new key. */
export async function createKey(options: unknown): Promise<KeyAnswer> {
  const { publicKey } = options as CreationJson
  const made = (await supported().create({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      user: { ...publicKey.user, id: decode(publicKey.user.id) },
      excludeCredentials: named(publicKey.excludeCredentials),
    } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential
  const response = made.response as AuthenticatorAttestationResponse
  return {
    id: made.id,
    rawId: encode(made.rawId),
    type: made.type,
    extensions: {},
    response: { attestationObject: encode(response.attestationObject), clientDataJSON: encode(response.clientDataJSON) },
  } as unknown as KeyAnswer
}

/** Lets the browser's key answer a challenge. */
export async function useKey(options: unknown): Promise<KeyAnswer> {
  const { publicKey } = options as RequestJson
  const found = (await supported().get({
    publicKey: { ...publicKey, challenge: decode(publicKey.challenge), allowCredentials: named(publicKey.allowCredentials) } as unknown as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential
  const response = found.response as AuthenticatorAssertionResponse
  return {
    id: found.id,
    rawId: encode(found.rawId),
    type: found.type,
    extensions: {},
    response: {
      authenticatorData: encode(response.authenticatorData),
      clientDataJSON: encode(response.clientDataJSON),
      signature: encode(response.signature),
      userHandle: encode(response.userHandle),
    },
  } as unknown as KeyAnswer
}
