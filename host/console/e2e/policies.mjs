/**
 * The walk of who keeps the access policies, in Chromium against the real program: a stricter set is proposed, read and put in
 * force by a second person, seen by the auditor, and taken back; then a set that passes no more keeps the centre from starting,
 * and is reset at the command line. `npm run policies`
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { anshu, demoFolder, openDemo } from './demo.mjs'
import { stage } from './stage.mjs'

const { folder, remove } = demoFolder()
const { step, person, leave, end } = await stage('policies', { timeout: 30_000 })
let demo = await openDemo(folder)

/** Somebody who is signed in, with a finger for the button of the dialog on top; antd puts a space between two characters. */
async function as(login) {
  const somebody = await person(demo.url, login)
  const press = (name) => somebody.page.getByRole('dialog').last().getByRole('button', { name, exact: true }).click()
  return { ...somebody, press }
}

async function reopen() {
  await leave()
  demo = await openDemo(folder)
}

const shipped = (await (await as('security')).api('/policies')).digest

await step('the page says what holds, and its files are searched', async () => {
  const { page, shot } = await as('security')
  await page.getByRole('link', { name: '访问策略' }).click()
  await page.getByText('没有改动过').waitFor()
  await shot('page')
  await page.getByLabel('在策略文件中查找').fill('importer')
  await page.locator('.policy-text mark').first().waitFor()
  await page.getByText(/\d+ 个文件，\d+ 行/).waitFor()
  await shot('search')
})

/** The files as an integrator changed them. */
function changedFile(from, to) {
  const out = join(folder, 'changed')
  assert.equal(anshu(folder, 'policy', 'export', '--shipped', '--out', out).status, 0)
  const file = join(out, 'verbs.cedar')
  const text = readFileSync(file, 'utf8')
  assert.ok(text.includes(from), from)
  writeFileSync(file, text.replace(from, to))
  return file
}

const importers = 'when { principal.roles.contains("importer") };'

await step('a file that is wrong is told with its line, and cannot be proposed', async () => {
  const { page, shot, press } = await as('security')
  await page.getByRole('button', { name: '提出变更' }).click()
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(changedFile(importers, 'when { principal.rank > 3 };'))
  await press(/^检\s*查$/)
  await page.getByText(/^检查没有通过，共/).waitFor()
  await page.locator('.problem-list code', { hasText: /^verbs\.cedar:\d+ @id\("importers-import"\)$/ }).waitFor()
  await shot('wrong')
  assert.ok(await page.getByRole('dialog').getByRole('button', { name: /^提\s*出$/ }).isDisabled())
  await press(/^取\s*消$/)
})

let set
await step('a stricter set is checked, told by post, and proposed', async () => {
  const { page, shot, api } = await as('security')
  await page.getByRole('button', { name: '提出变更' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('input[type=file]').setInputFiles(changedFile(importers, 'when { principal.roles.contains("importer") && context.purpose.serves };'))
  await dialog.getByPlaceholder(/要改变什么/).fill('样例：导入须对应在办事项')
  await dialog.getByRole('button', { name: /^检\s*查$/ }).click()
  await dialog.getByText('检查通过').waitFor()
  await dialog.getByText('没有岗位多出权限').waitFor()
  await shot('checked')
  await dialog.getByRole('button', { name: /^提\s*出$/ }).click()
  await page.waitForURL(/\/policies\?set=/)
  await page.getByText('这是您本人提出的，由另一个人批准').waitFor()
  assert.ok(await page.getByRole('button', { name: /^批\s*准$/ }).isDisabled(), 'nobody approves their own')
  await shot('proposed')
  const policies = await api('/policies')
  assert.equal(policies.digest, shipped, 'nothing holds by being proposed')
  set = policies.sets[0].id
})

await step('the second person reads the difference and the effect, and approves', async () => {
  const { page, shot, api, press } = await as('auditor')
  await page.getByRole('link', { name: '访问策略' }).click()
  await page.getByRole('button', { name: '核对并答复' }).click()
  await page.locator('.line-added').first().waitFor()
  await page.locator('.policy-loss').first().waitFor()
  await shot('answer')
  await page.locator('.line-diff').scrollIntoViewIfNeeded()
  await shot('difference')
  await page.getByRole('button', { name: /^批\s*准$/ }).click()
  await press(/^批\s*准$/)
  await page.getByText('已生效').first().waitFor()
  const policies = await api('/policies')
  assert.deepEqual([policies.shipped, policies.by.id], [false, set])
})

await step('the auditor has a notice of it, and says that it was seen', async () => {
  const { page, shot } = await as('auditor')
  await page.getByRole('link', { name: '审计', exact: true }).click()
  await page.getByRole('tab', { name: '完整性与见证' }).click()
  await page.getByText(/个策略集尚未由审计员查看/).waitFor()
  await shot('notice')
  const buttons = page.getByRole('button', { name: '确认已查看' })
  for (let left = await buttons.count(); left > 0; left -= 1) {
    await buttons.first().click()
    await page.waitForFunction((expected) => [...document.querySelectorAll('button')].filter((button) => button.textContent === '确认已查看').length === expected, left - 1)
  }
})

await step('what the program ships is taken back, by two again', async () => {
  const { page } = await as('security')
  await page.goto(`${demo.url}/policies`)
  await page.getByRole('button', { name: '恢复随程序发布的策略' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByPlaceholder(/要改变什么/).fill('样例：试行结束')
  await dialog.getByRole('button', { name: /^检\s*查$/ }).click()
  await dialog.getByText('检查通过').waitFor()
  await dialog.getByRole('button', { name: /^提\s*出$/ }).click()
  await page.waitForURL(/\/policies\?set=/)
  const auditor = await as('auditor')
  await auditor.page.goto(page.url())
  await auditor.page.getByRole('button', { name: /^批\s*准$/ }).click()
  await auditor.press(/^批\s*准$/)
  await auditor.page.getByText('已生效').first().waitFor()
  await auditor.page.goto(`${demo.url}/policies`)
  await auditor.page.getByRole('row', { name: /已替换/ }).first().waitFor()
  await auditor.shot('history')
  assert.equal((await auditor.api('/policies')).digest, shipped)
})

await step('an earlier set is proposed again, from its own page', async () => {
  const { page, press } = await as('security')
  await page.goto(`${demo.url}/policies?set=${set}`)
  await page.getByRole('button', { name: '恢复这一套' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByPlaceholder(/要改变什么/).fill('样例：再试行')
  await press(/^检\s*查$/)
  await dialog.getByText('检查通过').waitFor()
  await press(/^提\s*出$/)
  await page.getByText('这是您本人提出的，由另一个人批准').waitFor()
  const auditor = await as('auditor')
  await auditor.page.goto(page.url())
  await auditor.page.getByRole('button', { name: /^批\s*准$/ }).click()
  await auditor.press(/^批\s*准$/)
  await auditor.page.getByText('已生效').first().waitFor()
})

await step('a set that passes no more keeps the centre from starting, and it says why and what to do', async () => {
  await demo.stop()
  // As a set that an older program let through: a forbid is none any more.
  const file = join(folder, 'anshu.db')
  const bytes = readFileSync(file)
  const [from, to] = ['forbid', 'permit'].map((word) => Buffer.from(`administrators-see-no-business-data\\")\\n${word} (`))
  let changed = 0
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) {
    to.copy(bytes, at)
    changed += 1
  }
  assert.ok(changed > 0, 'the set is stored')
  writeFileSync(file, bytes)
  const still = anshu(folder, 'serve', '--listen', '127.0.0.1:0')
  assert.notEqual(still.status, 0)
  assert.match(still.said, /classes\.cedar:\d+ @id\("administrators-see-no-business-data"\)/)
  assert.match(still.said, /anshu policy reset --to shipped/)
  console.log(still.said.trim().replace(/^/gm, '  '))
  assert.match(anshu(folder, 'policy', 'list').said, /不能通过检查，中心不能启动/)
})

await step('the reset is rehearsed, then done; who reads the log cannot do it', () => {
  const reset = (...more) => anshu(folder, 'policy', 'reset', '--to', 'shipped', '--reason', '升级后不能启动', ...more)
  const dry = reset('--as', 'admin')
  assert.equal(dry.status, 0, dry.said)
  assert.match(dry.said, /这是预演/)
  console.log(dry.said.trim().split('\n').slice(-30).join('\n').replace(/^/gm, '  '))
  assert.notEqual(anshu(folder, 'serve', '--listen', '127.0.0.1:0').status, 0, 'a rehearsal changes nothing')
  assert.notEqual(reset('--as', 'auditor', '--apply', '--accept-wider').status, 0)
  const wider = reset('--as', 'admin', '--apply')
  assert.match(wider.said, /--accept-wider/, 'the set that failed was stricter elsewhere: it is not gone silently')
  assert.notEqual(wider.status, 0)
  const done = reset('--as', 'admin', '--apply', '--accept-wider')
  assert.equal(done.status, 0, done.said)
  // The other copies of that set, which are not in force, were written over too: the log does not take them for what they were.
  assert.match(anshu(folder, 'audit', 'verify').said, /访问策略 /)
})

await step('security and audit see it before anything else', async () => {
  await reopen()
  for (const login of ['security', 'auditor']) {
    const { page, shot } = await as(login)
    await page.goto(`${demo.url}/policies`)
    await page.getByText('访问策略在停机时被一人重置').waitFor()
    await shot(`reset-${login}`)
    await page.getByRole('button', { name: '已经看过' }).click()
    await page.getByRole('button', { name: '已经看过' }).waitFor({ state: 'detached' })
    await page.goto(`${demo.url}/policies`)
    await page.getByText('停机时的重置').waitFor()
    await page.getByText('升级后不能启动').first().waitFor()
  }
  const { shot, api } = await as('auditor')
  await shot('after')
  assert.equal((await api('/policies')).digest, shipped)
})

const code = await end('the walk of the policies')
await demo.stop()
remove()
process.exit(code)
