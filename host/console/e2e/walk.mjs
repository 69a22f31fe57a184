/**
 * The walk of the README, as its people take it: the integrator at the command line, the clerk, the police officer and the
 * neighbour in Chromium, and the auditor at the end. `npm run walk`, against the real program over a folder of its own.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { alone, anshu, demoFolder, openDemo } from './demo.mjs'
import { fillObject, syntheticId } from './fill.mjs'
import { stage } from './stage.mjs'

const { folder, remove } = demoFolder()
const { step, person, leave, end } = await stage('walk', { viewport: { width: 1366, height: 768 }, timeout: 15_000 })
let demo = await openDemo(folder)

const as = (login) => person(demo.url, login)

/** The same centre again, as after a night: nobody is signed in any more. */
async function reopen() {
  await leave()
  demo = await openDemo(folder)
}

const rows = 'no,street,name,type,regime,capacity,beds,safety,gas,host\nW001,解放碑街道,样例步行房,整套,备案,2,1,烟感,否,HOST-W\n'
const csv = join(folder, 'walk.csv')
const mapping = 'examples/centre/mapping/rooms.toml'

await step('1. a file is tried, imported, undone and imported again', async () => {
  await demo.stop()
  writeFileSync(csv, rows.replace('备案', '没有这种'))
  const wrong = anshu(folder, 'import', '--as', 'clerk', '--mapping', mapping, csv, '--dry-run')
  assert.notEqual(wrong.status, 0)
  assert.match(wrong.said, /第 2 行第 5 列（regime）/)
  writeFileSync(csv, rows)
  const dry = anshu(folder, 'import', '--as', 'clerk', '--mapping', mapping, csv, '--dry-run')
  assert.match(dry.said, /共 1 行，可以导入 1 行/)
  const done = anshu(folder, 'import', '--as', 'clerk', '--mapping', mapping, csv)
  const batch = /批次 (\S+?)；/.exec(done.said)?.[1]
  assert.ok(batch, done.said)
  assert.match(anshu(folder, 'import', 'undo', batch, '--as', 'clerk').said, /已撤销/)
  assert.match(anshu(folder, 'import', '--as', 'clerk', '--mapping', mapping, csv).said, /已导入 1 行/)
  await reopen()
})

await step('2. the imported room has a risk; its level is set by a person only', async () => {
  const { page, shot, api } = await as('clerk')
  await page.getByRole('link', { name: '统计清单' }).click()
  await page.getByRole('link', { name: '样例步行房' }).waitFor()
  await page.locator('.view-chart li').first().waitFor()
  await shot('views')
  await page.getByRole('link', { name: '样例步行房' }).click()
  await page.waitForURL(/\/entities\//)
  await page.getByRole('link', { name: /灭火/ }).click()
  await page.waitForURL(/\/risks\//)
  await page.locator('.findings li').first().waitFor()
  assert.ok(await page.getByRole('button', { name: '评定等级' }).isDisabled())
  await shot('risk')
  await page.getByRole('button', { name: '列入清单' }).click()
  await page.getByRole('dialog').getByRole('textbox').first().fill('现场核实属实')
  await page.getByRole('dialog').getByRole('button', { name: /确定|确认|流转/ }).click()
  await page.getByRole('button', { name: '评定等级' }).click()
  await page.getByRole('dialog').waitFor()
  await shot('risk-assess')
  await page.keyboard.press('Escape')
  const id = new URL(page.url()).pathname.split('/').pop()
  assert.equal((await api(`/risks/${id}`)).stage, 'listed')
})

let room
let registered
await step('3. an unaccompanied minor of 15 is registered, not refused', async () => {
  const { page, shot, api } = await as('clerk')
  const declared = (await api('/interface')).actions.find(({ name }) => name === 'register-guests')
  await page.goto(`${demo.url}/entities?facet=homestay.room`)
  const found = (await api('/entities?facet=homestay.room&limit=200')).items.find(({ name }) => name === '样例步行房')
  room = found.id
  await page.goto(`${demo.url}/entities/${room}`)
  await page.getByRole('button', { name: '登记入住' }).click()
  await page.locator('.plugin-form').waitFor()
  const labels = await page.locator('.row label').allInnerTexts()
  assert.match(labels[0], /姓名/, 'the name is asked first')
  const year = new Date().getFullYear() - 15
  const guest = { name: '样例独', document: 'resident-id', document_number: syntheticId(`${year}0101`, 77), verification: 'card-reader', guardian_name: '样例父', guardian_phone: '19900000000', guardian_contact: 'unreached' }
  await fillObject(page, 'root', declared.form.schema, { guests: [guest] })
  await shot('register')
  registered = Date.now() - 1000
  await page.keyboard.press('Control+Enter')
  await page.getByText('理由和依据').waitFor()
  await shot('registered')
  await page.goto(`${demo.url}/entities/${room}`)
  await page.getByRole('table', { name: '住宿登记' }).locator('tbody tr').first().waitFor()
  await shot('stays')
})

let matter
await step('4. a matter opens in another pack; police lead it, the neighbour finds nothing', async () => {
  const { api } = await as('clerk')
  for (let tries = 0; tries < 100 && !matter; tries += 1) {
    const { items } = await api('/cases?matter=minors.unaccompanied&limit=200')
    // Whom it is about is protected: it is told by when it was opened.
    matter = items.find(({ opened_at: at }) => Date.parse(at) >= registered)
    if (!matter) await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.ok(matter, 'the matter is there')
  const police = await as('police')
  await police.page.goto(`${demo.url}/cases/${matter.id}`)
  await police.page.getByText('立即办理').first().waitFor()
  await police.page.getByText('受保护：部分内容不显示').waitFor()
  await police.shot('police-matter')
  const civil = await as('civil')
  assert.equal((await civil.api(`/cases/${matter.id}`)).code, matter.code)
  const neighbour = await as('neighbour')
  await neighbour.page.goto(`${demo.url}/cases/${matter.id}`)
  await neighbour.page.getByRole('alert').getByText('下一步').waitFor()
  await neighbour.shot('neighbour')
  const clerk = await as('clerk')
  await clerk.page.goto(`${demo.url}/cases`)
  await clerk.page.getByText('标题受保护').first().waitFor()
  await clerk.shot('cases')
})

await step('4. nobody looks without an approver: a ground, masks, an opening, and the end of it', async () => {
  const { page, shot, api } = await as('police')
  await page.getByRole('button', { name: '说明查阅依据' }).click()
  await page.getByPlaceholder('为办理什么、需要查阅什么').fill('样例：联系监护人，核实入住情况')
  await shot('opening-ask')
  await page.getByRole('button', { name: /^提\s*交$/ }).click()
  await page.getByText('等待批准').first().waitFor()
  await shot('opening-stated')
  assert.equal((await api(`/cases/${matter.id}`)).access.state, 'stated')
  const approver = await as('approver')
  await approver.page.goto(`${demo.url}/openings`)
  await approver.page.getByText(matter.code).first().waitFor()
  await approver.shot('opening-waiting')
  await approver.page.getByRole('button', { name: /^批\s*准$/ }).first().click()
  await approver.page.getByRole('dialog').getByRole('button', { name: /^批\s*准$/ }).click()
  await approver.page.getByText('已开放').first().waitFor()
  await page.reload()
  await page.getByText(/剩余 \d+ 分钟/).waitFor()
  await shot('opening-open')
})

await step('the person sees who looked, and what for', async () => {
  const clerk = await as('clerk')
  await clerk.page.goto(`${demo.url}/entities?kind=person`)
  await clerk.page.locator('tr.ant-table-row').first().waitFor()
  const { page, shot, api } = await as('citizen')
  await page.goto(`${demo.url}/me`)
  await page.getByText('渝中区综治中心').first().waitFor()
  await shot('me-who-looked')
  const [look] = (await api('/me/accesses')).items
  assert.ok(!JSON.stringify(look).includes('样例甲'), 'no name of staff')
  await page.getByRole('tab', { name: /我的资料/ }).click()
  await page.getByText('样例').first().waitFor()
  await shot('me-held')
})

await step('the auditor exports a dossier, and the binary alone verifies it', async () => {
  const { page, shot } = await as('auditor')
  await page.goto(`${demo.url}/audit`)
  await page.getByRole('tab', { name: /证据卷宗/ }).click()
  await page.getByLabel('案件或风险的编号').fill(matter.id)
  await page.getByRole('button', { name: '预览内容' }).click()
  await page.getByText(/将有：记录/).waitFor()
  await shot('dossier')
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出卷宗' }).click()])
  const dossier = join(folder, 'matter.dossier')
  await file.saveAs(dossier)
  const key = join(folder, 'keys/log.pub')
  const sound = alone('audit', 'verify', '--dossier', dossier, '--key', key)
  assert.equal(sound.status, 0, sound.said)
  const text = readFileSync(dossier, 'utf8')
  assert.ok(!text.includes('样例独') && !text.includes('样例父'), 'no personal data')
  const middle = text.indexOf('"', Math.floor(text.length / 2)) + 1
  writeFileSync(dossier, text.slice(0, middle) + (text[middle] === 'a' ? 'b' : 'a') + text.slice(middle + 1))
  const changed = alone('audit', 'verify', '--dossier', dossier, '--key', key)
  assert.notEqual(changed.status, 0, changed.said)
})

let decision
await step('5. and 6. its decision is explained with its articles and replayed, on screen', async () => {
  const { page, shot } = await as('police')
  await page.getByRole('tab', { name: /决定依据/ }).click()
  await page.getByRole('link', { name: '全部依据和重放' }).first().click()
  await page.waitForURL(/\/decisions\//)
  decision = new URL(page.url()).pathname.split('/').pop()
  await page.locator('.basis').first().waitFor()
  await page.getByRole('button', { name: '重放这次判断' }).click()
  await page.getByText(/^一致/).waitFor()
  await shot('decision')
})

await step('the auditor sees who touched what and why, in words', async () => {
  const { page, shot } = await as('auditor')
  await page.goto(`${demo.url}/audit`)
  await page.locator('tr.ant-table-row').first().waitFor()
  await shot('audit')
})

await step('5. to 8. at the command line: explain, replay, verify, and a byte that somebody changed', async () => {
  await demo.stop()
  assert.match(anshu(folder, 'explain', decision).said, /第57条/)
  const replayed = anshu(folder, 'replay', decision)
  assert.equal(replayed.status, 0, replayed.said)
  const sound = anshu(folder, 'audit', 'verify')
  assert.equal(sound.status, 0, sound.said)
  const file = join(folder, 'anshu.db')
  const whole = readFileSync(file)
  // The room's name stands in its record, and perhaps in pages that SQLite no longer uses: those nobody reads.
  let noticed
  for (let at = whole.indexOf('样例步行房'); at > 0 && !noticed; at = whole.indexOf('样例步行房', at + 1)) {
    const bytes = Buffer.from(whole)
    bytes[at + 1] ^= 1
    writeFileSync(file, bytes)
    const broken = anshu(folder, 'audit', 'verify')
    if (broken.status !== 0) noticed = broken.said
  }
  assert.match(noticed ?? '', /(记录|决定|时间线) [0-9a-z]{26}/, 'a changed byte is noticed, and what it belongs to is named')
  console.log(noticed.trim().replace(/^/gm, '  '))
  writeFileSync(file, whole)
  assert.equal(anshu(folder, 'audit', 'verify').status, 0)
})

remove()
process.exit(await end('the walk'))
