import { defineConfig } from 'vitest/config'

const project = (name: string, more: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: 120_000,
    // keys take their time on a busy computer
    hookTimeout: 120_000,
    ...more,
  },
})

const simulated = { fileParallelism: false, testTimeout: 1_200_000, hookTimeout: 1_500_000 }

/** One file after the other. */
const alone = { fileParallelism: false }
/** Two files side by side, each with a lab of its own (test/support/e2e-lab.ts): most of a test on machines is waiting. */
const lanes = { maxWorkers: 2, testTimeout: 900_000, hookTimeout: 900_000 }

export default defineConfig({
  test: {
    // what kubestrap said is in the message of what failed, whole
    chaiConfig: { truncateThreshold: 0 },
    projects: [
      // vitest leaves one of two processors alone unless it is told
      project('unit', { maxWorkers: 2 }),
      project('golden', { maxWorkers: 2 }),
      // waiting, most of it
      project('contract', { maxWorkers: 4, testTimeout: 60_000 }),
      project('scenario', { ...simulated, include: ['test/scenario/*.test.ts'] }),
      // what looks at this machine as a whole
      project('alone', alone),
      project('e2e', lanes),
      // what `npm run test:long` adds
      // each file has a world of its own, and one process that computes
      project('scenario-long', {
        ...simulated,
        fileParallelism: true,
        maxWorkers: 2,
        include: ['test/scenario/long/*.test.ts'],
      }),
      project('long', lanes),
      // run by hand: npx vitest run --project by-hand NAME
      project('by-hand', { ...lanes, maxWorkers: 1 }),
    ],
  },
})
