/**
 * The integrator's walk of the README, in Chromium against the real program: the next version of a pack is staged, its grant
 * approved, tried on recorded decisions and activated; a plan moves the open cases, approved by two people of two roles; one
 * case is taken back, then the version is rolled back. `npm run integrator`
 *
 * The next version is the only component in the folder `packs-next` beside the folder of packs (`cargo xtask plugins` builds
 * both). Whose it is the walk reads from the file's name.
 */
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { anshu, demoFolder, openDemo } from './demo.mjs'
import { fillObject } from './fill.mjs'
import { stage } from './stage.mjs'

const root = fileURLToPath(new URL('../../..', import.meta.url))

function nextPack() {
  const folder = `${(process.env.ANSHU_PACKS ?? join(root, 'target/packs')).replace(/\/$/, '')}-next`
  const found = readdirSync(folder).filter((name) => name.endsWith('.wasm'))
  assert.equal(found.length, 1, `one pack in ${folder}`)
  return join(folder, found[0])
}

/** What a clerk does that opens a case of the pack. */
const OPENS = 'file-room'

const built = nextPack()
const [, pack, version] = /^(.+)-(\d+\.\d+\.\d+)\.wasm$/.exec(basename(built))
const { folder, remove } = demoFolder()
const { step, person, leave, end } = await stage('integrator')
// Signed as the demonstration signs its own packs; the signature stands beside the component.
const component = join(folder, basename(built))
const demo = await openDemo(folder)
copyFileSync(built, component)

/** Somebody who is signed in, with what an integrator does. */
async function as(login) {
  const somebody = await person(demo.url, login)
  const { page, shot } = somebody
  const dialog = () => page.getByRole('dialog')
  /** Presses a button of the rail, reads the dry run, and does it. */
  const take = async (button, done, { reason, name } = {}) => {
    await page.locator('.rail').getByRole('button', { name: button, exact: true }).click()
    if (reason) await dialog().getByRole('textbox').fill(reason)
    if (name) await shot(name)
    await dialog().locator('.ant-modal-footer .ant-btn').last().click()
    await page.getByText(done, { exact: true }).first().waitFor()
    await dialog().waitFor({ state: 'hidden' })
  }
  return { ...somebody, dialog, take }
}

const standing = async () => (await (await as('admin')).api('/packs')).find((one) => one.name === pack && one.version === version)

/** A clerk files a matter of the pack, through the first of its forms that opens one; answers the case. */
async function file(name) {
  const { page, go, api } = await as('clerk')
  const known = new Set((await api('/cases?limit=200')).items.map(({ id }) => id))
  const action = (await api('/interface')).actions.find((one) => one.pack === pack && one.name === OPENS)
  await go(`/actions/${pack}/${action.name}`)
  await page.locator('.plugin-form').waitFor()
  const person = action.form.schema.properties.operator_kind.oneOf.find(({ title }) => /个人|自然人/.test(title))
  await fillObject(page, 'root', action.form.schema, { name, operator_kind: person.const })
  await page.getByRole('button', { name: '提交' }).click()
  await page.getByText('理由和依据').first().waitFor()
  const opened = (await api('/cases?limit=200')).items.find(({ id }) => !known.has(id))
  assert.ok(opened, 'a case was opened')
  return api(`/cases/${opened.id}`)
}

/** Waits until something that the server works on is so. */
async function until(what, look) {
  for (let tries = 0; tries < 150; tries += 1) {
    const found = await look()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`${what} did not come`)
}

let old
await step('a clerk files a matter under the present rule', async () => {
  old = await file('样例衔接旧房')
  assert.notEqual(old.pack.version, version)
})

await step('the next version is signed', () => {
  const { status, said } = anshu(folder, 'pack', 'sign', component, '--key', join(folder, 'keys/demo-signing.key'), '--signer', '样例庚')
  assert.equal(status, 0, said)
})

await step('the next version is rehearsed, then staged; nothing calls it', async () => {
  const { page, go, shot, dialog } = await as('admin')
  await go('/packs')
  await page.getByRole('button', { name: '暂存新版本' }).click()
  await dialog().locator('input[type=file]').first().setInputFiles(component)
  await dialog().locator('input[type=file]').nth(1).setInputFiles(`${component}.sig`)
  await dialog().locator('.ant-select').click()
  const title = (await (await as('admin')).api('/packs')).find(({ name }) => name === pack).title
  await page.getByTitle(`沿用“${title}”的现有授权`).click()
  await dialog().getByRole('button', { name: '预演' }).click()
  await dialog().getByText('预演：将会').waitFor()
  await shot('stage')
  await dialog().getByRole('button', { name: '暂存', exact: true }).click()
  await dialog().waitFor({ state: 'hidden' })
  await page.getByRole('link', { name: version, exact: true }).waitFor()
  assert.equal((await standing()).state, 'staged')
  await shot('packs')
})

await step('its grant shows the difference only, and each role that is asked approves', async () => {
  const admin = await as('admin')
  await admin.go(`/packs/${pack}/${version}`)
  await admin.page.getByRole('tab', { name: '授权差异' }).click()
  await admin.page.getByText('审批', { exact: true }).waitFor()
  await admin.shot('difference')
  for (const { role } of (await standing()).request.awaited) {
    const login = { security: 'security', 'department-lead': 'lead' }[role] ?? role
    const approver = await as(login)
    await approver.go(`/packs/${pack}/${version}`)
    await approver.take('批准', '已批准', { name: `approve-${login}` })
  }
  assert.equal((await standing()).request.state, 'approved')
})

await step('it is tried on its golden cases and on recorded decisions', async () => {
  const { page, go, shot } = await as('admin')
  await go(`/packs/${pack}/${version}`)
  await page.getByRole('button', { name: '试运行' }).click()
  await page.waitForURL(/\/trials\?/)
  await page.getByRole('button', { name: '开始比对' }).click()
  await page.waitForURL(/\/trials\/[^?]+$/)
  await page.getByText('新版本自带样例').waitFor()
  await page.getByText(/个样例全部相符|需要第二人批准|管理员一人即可启用/).first().waitFor()
  await shot('trial')
})

await step('what loosens, or cannot be judged, the second role agrees to', async () => {
  const { api } = await as('admin')
  const trial = (await api(`/trials?pack=${pack}`)).find(({ kind }) => kind === 'replay')
  const { verdict } = await api(`/trials/${trial.id}`)
  assert.deepEqual(verdict.blocked, [])
  if (!verdict.needs_second_role) return
  const { page, go, shot, dialog } = await as('security')
  await go(`/trials/${trial.id}`)
  await page.getByRole('button', { name: '同意放宽' }).click()
  await shot('agree')
  await dialog().getByRole('button', { name: '同意', exact: true }).click()
  await page.getByText('安全管理员已同意放宽').waitFor()
})

let plan
await step('a plan tells what it means for every open case, and changes none', async () => {
  const { page, go, shot, api } = await as('admin')
  await go(`/packs/${pack}/${version}`)
  await page.getByRole('button', { name: '预演衔接' }).click()
  await page.waitForURL(/\/upgrades\?/)
  await page.getByRole('button', { name: '预演', exact: true }).click()
  await page.waitForURL(/\/upgrades\/[^?]+$/)
  plan = new URL(page.url()).pathname.split('/').pop()
  await until('the plan', async () => (await api(`/upgrades/${plan}`)).state === 'proposed')
  await page.getByText('待审批').first().waitFor()
  await shot('plan')
  assert.ok(await page.getByRole('button', { name: '同意方案' }).isDisabled(), 'who made it does not approve it')
  assert.ok(await page.getByRole('button', { name: '实施', exact: true }).isDisabled(), 'nobody has approved it')
})

await step('two people of two roles approve it, each in a browser of their own', async () => {
  const coordinator = await as('coordinator')
  await coordinator.go(`/upgrades/${plan}`)
  await coordinator.take('同意方案', '已同意', { name: 'plan-approve' })
  assert.ok(await coordinator.page.getByRole('button', { name: '同意方案' }).isDisabled(), 'nobody approves twice')
  const security = await as('security')
  await security.go(`/upgrades/${plan}`)
  await security.take('同意方案', '已同意')
  assert.equal((await security.api(`/upgrades/${plan}`)).state, 'approved')
})

await step('the version is activated, and the plan applied', async () => {
  const { page, go, shot, take, api } = await as('admin')
  if ((await standing()).state !== 'active') {
    await go(`/packs/${pack}/${version}`)
    await take('启用', '已启用', { name: 'activate' })
  }
  assert.equal((await standing()).state, 'active')
  await go(`/upgrades/${plan}`)
  await take('实施', '已开始实施', { name: 'apply' })
  await until('the end of the work', async () => (await api(`/upgrades/${plan}`)).state === 'applied')
  await page.getByText('已实施').first().waitFor()
  await shot('applied')
})

await step('a moved case says so in its timeline and names the new version; one is taken back', async () => {
  const { page, go, shot, api } = await as('coordinator')
  const { items } = await api(`/upgrades/${plan}/items?state=applied&limit=200`)
  const moved = items.find((item) => item.case === old.id)
  assert.ok(moved, 'the plan moved the case')
  const fresh = await file('样例衔接新房')
  assert.equal(fresh.pack.version, version, 'a new case follows the new rule')
  await go(`/cases/${moved.case}?tab=track`)
  await page.getByText(version).first().waitFor()
  await shot('case-moved')
  assert.equal((await api(`/cases/${moved.case}`)).pack.version, version)
  await go(`/upgrades/${plan}?tab=${moved.bin}`)
  await page.getByRole('button', { name: `撤回 ${moved.code}` }).click()
  await page.getByRole('dialog').getByRole('button', { name: '撤回', exact: true }).click()
  await page.getByText(`${moved.code} 已撤回`).waitFor()
  assert.notEqual((await api(`/cases/${moved.case}`)).pack.version, version)
  await shot('undone')
})

await step('all are taken back, and the version is rolled back in one step', async () => {
  const coordinator = await as('coordinator')
  await coordinator.go(`/upgrades/${plan}`)
  const left = await coordinator.api(`/upgrades/${plan}/items?state=applied&limit=1`)
  if (left.items.length > 0) await coordinator.take('撤回全部', '已开始撤回')
  await until('the end of the work', async () => !(await coordinator.api(`/upgrades/${plan}`)).progress.running)
  const { go, take, shot } = await as('admin')
  await go(`/packs/${pack}/${version}`)
  await take('回退', '已回退', { reason: '试行结束，恢复上一版本', name: 'rollback' })
  assert.equal((await standing()).state, 'withdrawn')
  await go(`/packs/${pack}/${version}?tab=history`)
  await shot('history')
})

const code = await end('the integrator’s walk')
await demo.stop()
remove()
process.exit(code)
