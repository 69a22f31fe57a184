/**
 * The console end to end in Chromium: signs in, files a matter through a plugin-declared form, sees it, moves along.
 *
 *   npm run e2e              starts `anshu demo` (built before) and runs against it
 *   ANSHU_URL=… npm run e2e  runs against a server that is there
 *   npm run e2e -- --mock    runs over the sample data
 *
 * ANSHU_LOGIN and ANSHU_PASSWORD name a clerk; ANSHU_ACTION=pack/action the business to file. Pictures go to
 * e2e/screenshots.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { startDemo } from './demo.mjs'
import { fillObject } from './fill.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const shots = join(here, 'screenshots')
mkdirSync(shots, { recursive: true })

async function start() {
  if (process.argv.includes('--mock')) return (await import('./mock-server.mjs')).startMock()
  if (process.env.ANSHU_URL) return { url: process.env.ANSHU_URL.replace(/\/$/, ''), stop: () => undefined }
  return startDemo()
}

const { url, stop } = await start()
const login = process.env.ANSHU_LOGIN ?? 'clerk'
const password = process.env.ANSHU_PASSWORD ?? (process.argv.includes('--mock') ? 'demo' : 'demo-clerk-2026')
const browser = await chromium.launch({ executablePath: process.env.ANSHU_BROWSER ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
const page = await context.newPage()
page.setDefaultTimeout(15_000)
const wrongs = []
page.on('pageerror', (error) => wrongs.push(`page error: ${error.message}`))
page.on('console', (message) => /content security policy/i.test(message.text()) && wrongs.push(message.text()))
page.on('request', (request) => !/^(data|blob):/.test(request.url()) && !request.url().startsWith(url) && wrongs.push(`outside request: ${request.url()}`))

let passed = 0
let failed = 0
let stopped = false
async function step(name, body) {
  if (stopped) return console.log(`-    ${name} (not tried)`)
  const begun = performance.now()
  try {
    await body()
    assert.deepEqual(wrongs.splice(0), [])
    passed += 1
    console.log(`ok   ${name} (${Math.round(performance.now() - begun)} ms)`)
  } catch (error) {
    failed += 1
    stopped = true
    console.log(`FAIL ${name}\n${error.stack}`)
    await page.screenshot({ path: join(shots, 'e2e-failed.png') }).catch(() => undefined)
  }
}

const shot = async (name) => {
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(shots, `e2e-${name}.png`) })
}
const api = async (path) => (await context.request.get(`${url}/api/v1${path}`)).json()

await step('what was built holds no eval and no other host', () => {
  const assets = join(here, '../dist/assets')
  for (const name of readdirSync(assets).filter((name) => name.endsWith('.js'))) assert.doesNotMatch(readFileSync(join(assets, name), 'utf8'), /\bnew Function\b|(?<![\w$.])eval\(/, name)
})

await step('the page comes under a strict content security policy', async () => {
  const response = await page.goto(`${url}/cases`)
  const csp = response.headers()['content-security-policy'] ?? ''
  assert.match(csp, /default-src 'none'/)
  assert.match(csp, /script-src 'self'(;|$)/)
  assert.doesNotMatch(csp, /unsafe-eval/)
})

await step('a stranger is asked to sign in, and a wrong password says what to do next', async () => {
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill(`${password}-wrong`)
  await page.getByRole('button', { name: '登录' }).click()
  await page.getByRole('alert').getByText('下一步').waitFor()
})

await step('signing in leads back to the page that was asked for', async () => {
  await page.getByLabel('密码').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '案件', exact: true }).waitFor()
  await page.waitForURL(`${url}/cases`)
})

let declared
let action
await step('the desk and the businesses are drawn from what the packs declare', async () => {
  await page.getByRole('link', { name: '工作台' }).click()
  await page.getByRole('heading', { name: '工作台' }).waitFor()
  await shot('desk')
  declared = await api('/interface')
  const wanted = process.env.ANSHU_ACTION ?? 'minors/report'
  const starting = declared.actions.filter(({ on }) => on === 'none')
  action = starting.find(({ pack, name }) => `${pack}/${name}` === wanted) ?? starting[0]
  assert.ok(action, 'no business to start')
  await page.getByRole('link', { name: '登记办理' }).click()
  await page.getByRole('link', { name: action.title, exact: true }).click()
  await page.getByRole('heading', { name: action.title }).waitFor()
})

await step('an empty form says at each field what is missing, and files nothing', async () => {
  await page.getByRole('button', { name: '提交' }).click()
  await page.locator('.field-error').first().waitFor()
  assert.match(await page.locator('.field-error').first().innerText(), /^请|至少/)
  await shot('form-empty')
})

await step('the form is filled by its schema and filed by keyboard', async () => {
  await fillObject(page, 'root', action.form.schema, {})
  assert.deepEqual(await page.locator('.field-error').allInnerTexts(), [])
  await shot('form-filled')
  await page.keyboard.press('Control+Enter')
  await page.getByText('理由和依据').waitFor()
  await page.locator('.basis').first().waitFor()
  await shot('result')
})

let code
await step('the matter that it opened can be seen, with its timeline, clock and articles', async () => {
  await page.getByRole('link', { name: '打开案件' }).click()
  await page.waitForURL(/\/cases\/.+/)
  code = (await api(`/cases/${new URL(page.url()).pathname.split('/').pop()}`)).code
  await page.locator('.light-chip').first().waitFor()
  await shot('case')
  await page.getByRole('tab', { name: '流程轨迹' }).click()
  await page.locator('.track li').first().waitFor()
  await page.getByRole('tab', { name: '时限算式' }).click()
  await page.locator('.ledger, .ant-empty').first().waitFor()
  await shot('case-clocks')
  await page.getByRole('tab', { name: /决定依据/ }).click()
  await shot('case-decisions')
})

await step('a note is written and stays', async () => {
  await page.getByRole('tab', { name: '办理记录' }).click()
  const note = `自动测试记录 ${Date.now()}`
  await page.getByRole('textbox', { name: '办理情况' }).fill(note)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('tabpanel', { name: '办理记录' }).getByText(note).waitFor()
})

await step('it is found in the list by keyboard', async () => {
  await page.getByRole('link', { name: '案件', exact: true }).click()
  await page.locator('.records .row-here').waitFor()
  await page.keyboard.press('/')
  // By its code: a protected title is in no list, so it cannot be searched either.
  await page.keyboard.type(code)
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=/)
  await page.locator('.records .ant-table-row').first().waitFor()
  await shot('cases')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/cases\/.+/)
})

await step('its decision is explained and can be replayed', async () => {
  await page.getByRole('tab', { name: /决定依据/ }).click()
  await page.getByRole('link', { name: '全部依据和重放' }).first().click()
  await page.getByRole('button', { name: '重放这次判断' }).click()
  await page.getByText(/^一致/).waitFor()
  await shot('decision')
})

await step('a duty is done with what shows it', async () => {
  await page.getByRole('link', { name: '职责' }).click()
  await page.locator('.duties li, .ant-card-body .dim').first().waitFor()
  await shot('duties')
  const first = page.getByRole('button', { name: /^履行/ }).first()
  if ((await first.count()) === 0) return
  await first.click()
  await page.getByLabel('履行情况和凭据').fill('自动测试：已电话核实，记录在卷')
  await page.getByRole('button', { name: '确认已履行' }).click()
  await page.getByText('已记为履行').waitFor()
})

await step('risks and entities are listed', async () => {
  await page.getByRole('link', { name: '风险清单' }).click()
  await page.locator('.records .ant-table-row, .ant-empty').first().waitFor()
  await shot('risks')
  await page.getByRole('link', { name: '实体档案' }).click()
  await page.locator('.records .ant-table-row, .ant-empty').first().waitFor()
  await shot('entities')
})

await step('what this person may not see is refused with a next step', async () => {
  await page.goto(`${url}/audit`)
  await page.getByRole('alert').getByText('下一步').waitFor()
})

await step('leaving a half-filled form asks first', async () => {
  await page.getByRole('link', { name: '登记办理' }).click()
  await page.getByRole('link', { name: action.title, exact: true }).click()
  await page.locator('.plugin-form').waitFor()
  const text = page.locator('.plugin-form textarea, .plugin-form input[type="text"]:not([role="combobox"]):not([placeholder])').first()
  await text.fill('样例')
  await page.getByRole('link', { name: '案件', exact: true }).click()
  await page.getByRole('button', { name: '继续填写' }).click()
  assert.match(page.url(), /\/actions\//)
  await page.getByRole('link', { name: '案件', exact: true }).click()
  await page.getByRole('button', { name: '离开' }).click()
  await page.waitForURL(/\/cases/)
})

await step('signing out ends the session', async () => {
  await page.locator('.top-person').click()
  await page.getByText('退出登录').click()
  await page.waitForURL(/\/login/)
  assert.equal((await context.request.get(`${url}/api/v1/session`)).status(), 401)
})

await step('an administrator sees every version, what may be done about it, and why not the rest', async () => {
  await page.getByLabel('账号').fill('admin')
  await page.getByLabel('密码').fill(process.argv.includes('--mock') ? 'demo' : (process.env.ANSHU_ADMIN_PASSWORD ?? 'demo-admin-2026'))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '插件中心' }).waitFor()
  await page.locator('.versions tbody tr').first().waitFor()
  await shot('packs')
  await page.getByRole('button', { name: '暂存新版本' }).click()
  assert.ok(await page.getByRole('dialog').getByRole('button', { name: '暂存', exact: true }).isDisabled(), 'nothing is stored before a dry run')
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  await page.locator('.versions tbody a').first().click()
  await page.locator('.rail .offer').first().waitFor()
  for (const offer of await page.locator('.rail .offer:has(button[disabled])').all()) assert.match(await offer.locator('.offer-why').innerText(), /\S/)
  await shot('pack')
})

await step('trials and upgrade plans are one step away, and empty ones say what to do', async () => {
  await page.getByRole('link', { name: '试运行', exact: true }).click()
  await page.getByRole('heading', { name: '试运行', exact: true }).waitFor()
  await page.locator('.ant-table-row, .ant-empty').first().waitFor()
  await shot('trials')
  await page.getByRole('link', { name: '衔接方案', exact: true }).click()
  await page.getByRole('heading', { name: '衔接方案', exact: true }).waitFor()
  await page.locator('.ant-table-row, .ant-empty').first().waitFor()
  await shot('upgrades')
})

await browser.close()
await stop()
// The walks start and stop centres of their own.
if (!failed && !process.argv.includes('--mock') && !process.env.ANSHU_URL)
  for (const walk of ['walk.mjs', 'integrator.mjs', 'signin.mjs', 'policies.mjs']) {
    const { status } = spawnSync(process.execPath, [join(here, walk)], { stdio: 'inherit' })
    if (status !== 0) failed += 1
  }
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)
