/** Takes a picture of every screen over the sample data and checks it with axe. `npm run look` */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { fillObject } from './fill.mjs'
import { startMock } from './mock-server.mjs'

const shots = fileURLToPath(new URL('./screenshots', import.meta.url))
mkdirSync(shots, { recursive: true })
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { url, stop } = await startMock()
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
let wrong = 0

async function signIn(login) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  const page = await context.newPage()
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(`  [${message.type()}] ${message.text().slice(0, 300)}`))
  page.on('pageerror', (error) => console.log(`  [page error] ${error.message}`))
  page.on('request', (request) => !request.url().startsWith(url) && !request.url().startsWith('data:') && !request.url().startsWith('blob:') && console.log(`  [outside] ${request.url()}`))
  await page.goto(`${url}/login`)
  if (login === 'clerk') await shot(page, 'sign-in')
  await page.getByLabel('账号').fill(login)
  await page.getByLabel('密码').fill('demo')
  await page.getByRole('button', { name: '登录' }).click()
  await page.locator('h1.page-title').waitFor()
  return page
}

async function shot(page, name) {
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(250)
  await page.screenshot({ path: `${shots}/${name}.png` })
  // Evaluated by the debugger, so the page's policy stays as strict as it is.
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }))
  for (const violation of found.violations) {
    wrong += 1
    console.log(`  ${name}: ${violation.id} (${violation.impact}) ${violation.nodes.length}× ${violation.nodes[0].target} — ${violation.nodes[0].failureSummary.split('\n').slice(1, 2).join('').trim()}`)
  }
  console.log(`${name}: ${found.violations.length} accessibility problems`)
}

const clerk = await signIn('clerk')
const visit = async (path, name, act) => {
  await clerk.goto(url + path)
  await clerk.waitForLoadState('networkidle')
  await act?.()
  await shot(clerk, name)
}
await visit('/', 'desk')
await visit('/start', 'start')
await visit('/cases', 'cases', async () => { await clerk.keyboard.press('j'); await clerk.keyboard.press('j') })
await visit('/cases?q=没有这样的', 'cases-none')
await visit('/cases/case-66', 'case')
for (const tab of ['track', 'records', 'related', 'clocks', 'decisions']) await visit(`/cases/case-66?tab=${tab}`, `case-${tab}`)
await visit('/cases/case-66', 'case-move', () => clerk.getByRole('button', { name: '答复' }).click())
await visit('/cases/case-4', 'case-pack-down')
await visit('/cases/none', 'case-none')
await visit('/cases/case-3', 'upgrade-confirm', () => clerk.getByRole('button', { name: '确认衔接' }).click())
await visit('/duties', 'duties')
await visit('/duties', 'duty-complete', () => clerk.getByRole('button', { name: /^履行/ }).first().click())
await visit('/risks', 'risks')
await visit('/risks/risk-68', 'risk')
await visit('/risks/risk-68', 'risk-assess', () => clerk.getByRole('button', { name: '评定等级' }).click())
await visit('/risks/risk-71?tab=levels', 'risk-levels')
await visit('/entities', 'entities')
await visit('/entities/ent-2', 'entity')
await visit('/actions/homestay/register', 'action')
await visit('/actions/homestay/register', 'action-wrong', async () => {
  await clerk.getByLabel('姓名').first().fill('样例甲')
  await clerk.keyboard.press('Alt+Enter')
  await clerk.getByText('是', { exact: true }).first().click()
  await clerk.keyboard.press('Control+Enter')
})
await visit('/actions/homestay/register', 'action-refused', async () => {
  const { actions } = await (await clerk.context().request.get(`${url}/api/v1/interface`)).json()
  await fillObject(clerk, 'root', actions[0].form.schema, { guests: [{ name: '样例甲' }, { name: '样例乙', document: 'resident-id', number: '123' }] })
  await clerk.keyboard.press('Control+Enter')
  await clerk.getByText('不是 18 位证件号').waitFor()
  const focused = await clerk.evaluate(() => document.activeElement?.id)
  if (focused !== 'root_guests_1_number') throw new Error(`the refused field should have the focus, not ${focused}`)
})
await visit('/actions/minors/report', 'action-report')
await visit('/decisions/dec-1', 'decision', () => clerk.getByRole('button', { name: '重放' }).click())
await visit('/views', 'views')
await visit('/audit', 'audit-refused')
const auditor = await signIn('auditor')
await shot(auditor, 'audit')
const admin = await signIn('admin')
await shot(admin, 'packs')
const look = async (page, path, name, act) => {
  await page.goto(url + path)
  await page.waitForLoadState('networkidle')
  await act?.(page)
  await shot(page, name)
}
await look(admin, '/packs', 'pack-stage', (page) => page.getByRole('button', { name: '暂存新版本' }).click())
await look(admin, '/packs/homestay/1.1.0', 'pack')
await look(admin, '/packs/homestay/1.1.0?tab=history', 'pack-history')
await look(admin, '/packs/lost/0.3.1', 'pack-quarantined')
await look(admin, '/packs/lost/0.3.1', 'pack-withdraw', (page) => page.getByRole('button', { name: '撤下' }).click())
await look(admin, '/trials', 'trials')
await look(admin, '/trials/trial-1', 'trial', (page) => page.getByText('结论不同').first().click())
await look(admin, '/trials/shadows/homestay/1.1.0', 'shadow')
await look(admin, '/upgrades', 'upgrades')
await look(admin, '/upgrades/upg-1', 'upgrade')
const security = await signIn('security')
await look(security, '/packs/homestay/1.1.0', 'pack-approve', (page) => page.getByRole('button', { name: '批准' }).click())
await look(security, '/upgrades/upg-1', 'upgrade-approve', (page) => page.getByRole('button', { name: '同意方案' }).click())
const coordinator = await signIn('coordinator')
await look(coordinator, '/upgrades/upg-1?tab=person', 'upgrade-person')
await look(coordinator, '/upgrades/upg-1?tab=journal', 'upgrade-journal')
await browser.close()
stop()
console.log(wrong ? `${wrong} accessibility problems` : 'no accessibility problems')
process.exitCode = wrong ? 1 : 0
