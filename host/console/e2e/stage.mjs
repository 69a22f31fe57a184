/** What the walks share: steps, none of which is tried after one that failed, and people, each signed in in a browser of their own. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const shots = fileURLToPath(new URL('./screenshots', import.meta.url))

/** A stage for a walk; its pictures begin with the walk's name. */
export async function stage(walk, { viewport = { width: 1440, height: 900 }, timeout = 20_000 } = {}) {
  mkdirSync(shots, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.ANSHU_BROWSER ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const people = new Map()
  let failed = 0
  const picture = (page, name, fullPage = false) => page.screenshot({ path: join(shots, `${walk}-${name}.png`), fullPage })
  return {
    async step(name, body) {
      if (failed) return console.log(`-    ${name} (not tried)`)
      try {
        await body()
        console.log(`ok   ${name}`)
      } catch (error) {
        failed += 1
        console.log(`FAIL ${name}\n${error.stack}`)
        for (const [login, { page }] of people) await picture(page, `failed-${login}`, true).catch(() => undefined)
      }
    },

    /** Somebody at an address, signed in once. */
    async person(url, login) {
      if (people.has(login)) return people.get(login)
      const context = await browser.newContext({ viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
      const page = await context.newPage()
      page.setDefaultTimeout(timeout)
      await page.goto(`${url}/login`)
      await page.getByLabel('账号').fill(login)
      await page.getByLabel('密码').fill(`demo-${login}-2026`)
      await page.keyboard.press('Enter')
      await page.locator('h1.page-title').waitFor()
      const person = {
        page,
        shot: async (name) => {
          await page.waitForLoadState('networkidle')
          await picture(page, name)
        },
        go: (path) => page.goto(url + path),
        api: async (path) => (await context.request.get(`${url}/api/v1${path}`)).json(),
      }
      people.set(login, person)
      return person
    },

    /** Everybody goes home: nobody is signed in any more. */
    async leave() {
      for (const { page } of people.values()) await page.context().close()
      people.clear()
    },

    /** Closes the browser and says how the walk ended; answers the code to leave with. */
    async end(title) {
      await browser.close()
      console.log(failed ? `${title} failed` : `${title} was walked`)
      return failed ? 1 : 0
    },
  }
}
