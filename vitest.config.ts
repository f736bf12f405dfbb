import { defineConfig } from 'vitest/config'

const project = (name: string, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 120_000, ...more },
})

export default defineConfig({
  test: {
    projects: [
      project('unit'),
      project('golden'),
      project('contract', { testTimeout: 60_000 }),
      project('scenario', { testTimeout: 1_200_000, hookTimeout: 1_500_000, fileParallelism: false }),
      project('e2e', { testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false, sequence: { concurrent: false } }),
    ],
  },
})
