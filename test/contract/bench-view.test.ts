import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the benchmark of the live view runs, without a machine', () => {
  const args = ['test/bench/run.js', 'view', '--runs', '1', '--small']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  for (const hosts of [5, 50, 500])
    expect(stdout).toMatch(new RegExp(`^live view, ${hosts} hosts +-?[\\d.]+ % .* of a processor `, 'm'))
})
