import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Refuses a build that would need `unsafe-eval`: the console is served under a policy that forbids it. */
function noEval(): Plugin {
  return {
    name: 'no-eval',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const [file, output] of Object.entries(bundle)) {
        if (output.type !== 'chunk') continue
        const found = /\bnew Function\b|(?<![\w$.])eval\(/.exec(output.code)
        if (found) this.error(`${file} holds "${found[0]}", which the content security policy forbids: ${output.code.slice(Math.max(0, found.index - 120), found.index + 60)}`)
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), noEval()],
  build: {
    // What domestic browsers in offices are built on.
    target: 'chrome90',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  // The server compares a request's origin with its host: both must be the one that the browser sees.
  server: { proxy: { '/api': { target: process.env.ANSHU_URL ?? 'http://127.0.0.1:8650', changeOrigin: false } } },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'] },
})
