import { defineConfig } from 'vitest/config'

const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 120_000, ...more },
})

/** One file after the other: each has machines, or hosts and an etcd of its own. */
const machines = { fileParallelism: false, sequence: { concurrent: false } }

/** One thread for all files, modules loaded once: a tenth of the processor time. Tests here share no global state. */
const together = { pool: 'threads', isolate: false }

export default defineConfig({
  test: {
    projects: [
      project('unit', together),
      project('golden', together),
      project('contract', { testTimeout: 60_000 }),
      project('scenario', { ...machines, testTimeout: 1_200_000, hookTimeout: 1_500_000 }),
      project('e2e', { ...machines, testTimeout: 900_000, hookTimeout: 900_000 }),
      // what `npm run test:long` adds
      project('long', { ...machines, testTimeout: 900_000, hookTimeout: 900_000 }),
    ],
  },
})
