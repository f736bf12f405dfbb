import { defineConfig } from 'vitest/config'

const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 120_000, ...more },
})

/** One file after the other. */
const alone = { fileParallelism: false }
/** Two files side by side, each with a lab of its own (test/support/e2e-lab.ts): most of a test on machines is waiting. */
const lanes = { maxWorkers: 2, testTimeout: 900_000, hookTimeout: 900_000 }

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('golden'),
      project('contract', { testTimeout: 60_000 }),
      project('scenario', { ...alone, testTimeout: 1_200_000, hookTimeout: 1_500_000 }),
      // what looks at this machine as a whole
      project('alone', alone),
      project('e2e', lanes),
      // what `npm run test:long` adds
      project('long', lanes),
    ],
  },
})
