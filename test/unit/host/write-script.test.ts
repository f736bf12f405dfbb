import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { writeScript } from '../../../src/host/mutate-script.js'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kubestrap-write-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function write(names: readonly string[], stdin: string): string[] {
  const owner = spawnSync('sh', ['-c', 'echo "$(id -un):$(id -gn)"'], { encoding: 'utf8' }).stdout.trim()
  const args = names.flatMap((name) => [join(directory, name), '0644', owner, '0755', '', 'none'])
  const ran = spawnSync('/bin/sh', ['-c', writeScript, 'sh', ...args], { input: stdin, encoding: 'utf8' })
  return ran.stdout.split('\n').slice(0, names.length)
}

describe('the script that writes files', () => {
  test('says ok for each file it has written whole', () => {
    expect(write(['a', 'b'], `${base64('one')}\n${base64('')}\n`)).toEqual(['ok', 'ok'])
    expect(readFileSync(join(directory, 'a'), 'utf8')).toBe('one')
    expect(readFileSync(join(directory, 'b'), 'utf8')).toBe('')
  })

  test.each([
    ['right after the first', `${base64('one')}\n`],
    ['in the middle of a content', `${base64('one')}\n${base64('a longer content').slice(0, 8)}`],
  ])('leaves a file as it was when its content was cut on its way: %s', (_where, stdin) => {
    writeFileSync(join(directory, 'b'), "the user's own")
    const [first, second] = write(['a', 'b'], stdin)
    expect(first).toBe('ok')
    expect(second).toContain('the content arrived incomplete')
    expect(readFileSync(join(directory, 'b'), 'utf8')).toBe("the user's own")
    expect(readdirSync(directory).sort()).toEqual(['a', 'b'])
  })

  test('marks a container for its restart only where it has started: what is written is what it starts with', () => {
    const [logs, marks] = [join(directory, 'logs'), join(directory, 'marks')]
    const script = writeScript
      .replaceAll('/var/log/containers', logs)
      .replaceAll('/run/kubestrap/restart', marks)
    const once = (): string[] => {
      const args = [join(directory, 'hosts'), '0644', 'root:root', '0755', 'container-kube-proxy', 'none']
      spawnSync('/bin/sh', ['-c', script, 'sh', ...args], { input: `${base64('x')}\n` })
      return existsSync(marks) ? readdirSync(marks) : []
    }
    mkdirSync(logs)
    expect(once()).toEqual([])
    writeFileSync(join(logs, 'kube-proxy-x7_kube-system_kube-proxy-0a.log'), '')
    expect(once()).toEqual(['container-kube-proxy'])
  })
})
