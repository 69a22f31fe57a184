/**
 * Sign-in in Chromium, against the real program over a folder of its own: time codes and a key are added, asked for, and
 * used to prove again who one is; an account is opened by two administrators; emergency access is taken, shown on every
 * page, ended and reviewed. `npm run signin`
 */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { startDemo } from './demo.mjs'

const shots = fileURLToPath(new URL('./screenshots', import.meta.url))
mkdirSync(shots, { recursive: true })
const demo = await startDemo()
// Keys are bound to a name; an address has none.
const url = demo.url.replace('127.0.0.1', 'localhost')
const browser = await chromium.launch({ executablePath: process.env.ANSHU_BROWSER ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const pages = []
let failed = 0

async function step(name, body) {
  if (failed) return console.log(`-    ${name} (not tried)`)
  try {
    await body()
    console.log(`ok   ${name}`)
  } catch (error) {
    failed += 1
    console.log(`FAIL ${name}\n${error.stack}`)
    for (const [at, page] of pages.entries()) await page.screenshot({ path: join(shots, `signin-failed-${at}.png`) }).catch(() => undefined)
  }
}

async function open() {
  const context = await browser.newContext({ viewport: { width: 1366, height: 860 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => console.log(`  [page error] ${error.message}`))
  pages.push(page)
  return page
}

async function password(page, login, word = `demo-${login}-2026`) {
  await page.goto(`${url}/login`)
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill(word)
  await page.keyboard.press('Enter')
}

async function as(login) {
  const page = await open()
  await password(page, login)
  await page.locator('h1.page-title').waitFor()
  return page
}

async function shot(page, name) {
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(300)
  await page.screenshot({ path: join(shots, `signin-${name}.png`) })
}

async function signOut(page) {
  await page.locator('.top-person').click()
  await page.getByText('退出登录').click()
  await page.getByRole('button', { name: '登录', exact: true }).waitFor()
}

/** The code of a secret at a time (RFC 6238). */
function code(secret, at = Date.now()) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const digest = createHmac('sha1', key).update(counter).digest()
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

let clerk
await step('a clerk adds a key, and keeps the recovery codes', async () => {
  clerk = await as('clerk')
  const devtools = await clerk.context().newCDPSession(clerk)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })
  await clerk.locator('.top-person').click()
  await clerk.getByText('我的登录安全').click()
  await clerk.getByText('还没有第二因素').waitFor()
  await shot(clerk, 'security-empty')
  await clerk.getByLabel('安全密钥的名称').fill('办公桌上的钥匙')
  await clerk.getByRole('button', { name: '添加安全密钥' }).click()
  await clerk.getByLabel('恢复码').waitFor()
  assert.equal(await clerk.getByLabel('恢复码').locator('li').count(), 8)
  await shot(clerk, 'recovery-codes')
  await clerk.getByRole('button', { name: '已经收好' }).click()
  await clerk.getByRole('cell', { name: '办公桌上的钥匙' }).waitFor()
})

await step('the key is asked for at the next sign-in, and opens', async () => {
  await signOut(clerk)
  await password(clerk, 'clerk')
  await clerk.getByText('请再用第二因素确认身份').waitFor()
  await shot(clerk, 'second-factor')
  await clerk.getByRole('button', { name: '使用安全密钥' }).click()
  await clerk.locator('h1.page-title').waitFor()
})

await step('an officer adds time codes; a code opens once', async () => {
  const police = await as('police')
  await police.goto(`${url}/security`)
  await police.getByRole('button', { name: '添加动态口令' }).click()
  const secret = await police.locator('.add-totp code').innerText()
  await shot(police, 'totp')
  await police.getByLabel('验证器上显示的六位数字').fill(code(secret, Date.now() - 30_000))
  await police.getByRole('button', { name: '添加', exact: true }).click()
  await police.getByRole('button', { name: '已经收好' }).click()
  await signOut(police)
  await password(police, 'police')
  const now = code(secret)
  await police.getByLabel('验证器上显示的六位数字').fill(now)
  await police.keyboard.press('Enter')
  await police.locator('h1.page-title').waitFor()
  await signOut(police)
  await password(police, 'police')
  await police.getByLabel('验证器上显示的六位数字').fill(now)
  await police.keyboard.press('Enter')
  await police.getByText('已经用过').waitFor()
})

await step('one administrator proposes an account, another agrees, and the new clerk sets a password first', async () => {
  const admin = await as('admin')
  await admin.goto(`${url}/accounts`)
  await admin.getByRole('button', { name: '开通账号' }).click()
  const dialog = admin.getByRole('dialog')
  await dialog.getByLabel('登录名').fill('newcomer')
  await dialog.getByLabel('姓名').fill('样例新人')
  await dialog.getByLabel('单位').fill('渝中区综治中心')
  await admin.keyboard.press('Enter')
  await dialog.getByLabel('角色').click()
  await admin.locator('.ant-select-item-option', { hasText: '受理员' }).click()
  await admin.keyboard.press('Escape')
  await dialog.getByLabel('理由').fill('样例：新到岗')
  await shot(admin, 'propose')
  await dialog.getByRole('button', { name: '提出' }).click()
  const once = await admin.getByLabel('一次性口令', { exact: true }).innerText()
  await shot(admin, 'one-time-password')
  await admin.getByRole('button', { name: '已经记下' }).click()
  await admin.getByText('待同意').first().waitFor()
  const security = await as('security')
  await security.goto(`${url}/accounts`)
  await shot(security, 'accounts')
  await security.getByRole('button', { name: '同意', exact: true }).click()
  await security.getByRole('button', { name: '同意并生效' }).click()
  await security.getByText('已生效').first().waitFor()
  const newcomer = await open()
  await password(newcomer, 'newcomer', once)
  await newcomer.getByText('只能使用一次').waitFor()
  await newcomer.goto(`${url}/cases`)
  await newcomer.getByText('只能使用一次').waitFor()
  await shot(newcomer, 'first-password')
  await newcomer.getByLabel('原口令').fill(once)
  await newcomer.getByLabel('新口令', { exact: true }).fill('a better one 2026')
  await newcomer.getByLabel('再填一次新口令').fill('a better one 2026')
  await newcomer.getByRole('button', { name: '修改口令' }).click()
  await newcomer.getByText('口令已修改').waitFor()
  await newcomer.goto(`${url}/cases`)
  await newcomer.getByRole('heading', { name: '案件' }).waitFor()
})

await step('emergency access is taken, shown on every page, ended, and reviewed', async () => {
  await clerk.goto(`${url}/cases`)
  const { items } = await (await clerk.context().request.get(`${url}/api/v1/cases?limit=1`)).json()
  await clerk.goto(`${url}/emergency?case=${items[0].id}`)
  await clerk.getByLabel('事由').click()
  await clerk.locator('.ant-select-item-option', { hasText: '紧急寻人' }).click()
  await clerk.getByLabel('说明').fill('样例：走失儿童')
  await shot(clerk, 'emergency-begin')
  await clerk.getByRole('button', { name: '开始紧急访问' }).click()
  await clerk.locator('.emergency-bar').waitFor()
  await clerk.goto(`${url}/cases`)
  await clerk.locator('.emergency-bar').waitFor()
  await shot(clerk, 'emergency-bar')
  await clerk.getByRole('button', { name: '立即结束' }).click()
  await clerk.locator('.emergency-bar').waitFor({ state: 'detached' })
  const approver = await as('approver')
  await approver.getByLabel('提醒，未读 1 条').click()
  await approver.getByText('开始紧急访问').waitFor()
  await shot(approver, 'notices')
  await approver.goto(`${url}/emergency`)
  await approver.getByRole('button', { name: '复核' }).click()
  const review = approver.getByRole('dialog')
  await review.getByText('正当', { exact: true }).click()
  await review.getByLabel('复核意见').fill('样例：情况属实')
  await review.getByRole('button', { name: '提交复核' }).click()
  await approver.locator('.tag', { hasText: /^正当$/ }).waitFor()
  await shot(approver, 'emergency-reviewed')
})

await browser.close()
await demo.stop()
process.exit(failed ? 1 : 0)
