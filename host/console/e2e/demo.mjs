/** The demo, as an operator starts it: on a free port over a folder of its own, and the commands beside it. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const binary = process.env.ANSHU_BINARY ?? join(root, 'target/debug/anshu')

/** A folder for a demo, and how to throw it away. */
export function demoFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'anshu-e2e-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Starts the demo over a folder; the address is what it prints. Stopping is Ctrl-C: the data stays. */
export async function openDemo(folder) {
  const child = spawn(binary, ['demo', '--port', '0', '--data', folder, '--packs', process.env.ANSHU_PACKS ?? join(root, 'target/packs'), '--sample', 'examples/centre'], { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGINT')
    await ended
  }
  const lines = createInterface({ input: child.stdout })
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`anshu demo ended with ${code} before it was ready`)))
    lines.on('line', (line) => {
      console.log(`  demo: ${line}`)
      const found = /https?:\/\/[\w.:[\]]+/.exec(line)
      if (found) resolve(found[0])
    })
  })
  return { url, stop }
}

/** Starts the demo over a folder that is thrown away at the end. */
export async function startDemo() {
  const { folder, remove } = demoFolder()
  const { url, stop } = await openDemo(folder)
  return {
    url,
    stop: async () => {
      await stop()
      remove()
    },
  }
}

/** Runs a command of `anshu` over a folder that nobody serves; answers its code and what it said. */
export function anshu(folder, ...words) {
  const { status, stdout, stderr } = spawnSync(binary, [...words, '--data', folder], { cwd: root, encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}

/** Runs a command of `anshu` with no data folder at all. */
export function alone(...words) {
  const { status, stdout, stderr } = spawnSync(binary, words, { cwd: tmpdir(), encoding: 'utf8' })
  return { status, said: `${stdout}${stderr}` }
}
