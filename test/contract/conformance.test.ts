import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.js'
import { listSpecs } from '../../src/operations/conformance/list-specs.js'
import type { Progress } from '../../src/operations/conformance/progress.js'
import { reportIn } from '../../src/operations/conformance/report-directory.js'
import { runSuite, type SuiteEnd, type SuiteSettings } from '../../src/operations/conformance/run-suite.js'
import { findSuite } from '../../src/operations/conformance/suite-program.js'
import { isGone } from '../support/process-gone.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const base = mkdtempSync(join(tmpdir(), 'ks-conformance-'))
// as a session's tmpfs: what is left there is seen
const runtime = join(base, 'run')
mkdirSync(runtime, { mode: 0o700 })
process.env.XDG_RUNTIME_DIR = runtime
afterAll(() => rmSync(base, { recursive: true, force: true }))

const run = 'ae1b58af-9e9e-4745-b1f4-27d763451f8e'
const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'.repeat(4)}\n-----END PRIVATE KEY-----\n`
const kubeconfig = new Secret(
  `users:\n- user:\n    client-key-data: ${Buffer.from(key).toString('base64')}\n`,
)

/**
 * A stand-in for e2e.test: it takes the same options, tells its version and its run, posts its progress and writes its
 * report as the real one does; what it does between is the test's.
 */
function suite(name: string, body: string): { path: string; reportDir: string } {
  const directory = join(base, name)
  mkdirSync(directory)
  const path = join(directory, 'e2e.test')
  writeFileSync(
    path,
    `#!${process.execPath}
const fs = require('fs')
const option = (name) => (process.argv.find((arg) => arg.startsWith('--' + name + '=')) ?? '').split('=').slice(1).join('=')
if (process.argv.includes('--version')) { console.log('v1.36.3'); process.exit() }
process.stderr.write('I1009 19:57:36.676316    5600 e2e.go:109] Starting e2e run "${run}" on Ginkgo node 1\\n')
const post = (msg, completed, failed) => fetch(option('progress-report-url'), { method: 'POST', body: JSON.stringify({ msg, total: 2, completed, skipped: 0, failed }) })
const report = (...cases) => fs.writeFileSync(option('report-dir') + '/junit_01.xml', '<testsuites><testsuite>' + cases.map((name) => '<testcase name="[It] ' + name + '" status="passed" time="1"></testcase>').join('') + '</testsuite></testsuites>')
fs.writeFileSync(${JSON.stringify(join(directory, 'pid'))}, String(process.pid))
${body}
`,
    { mode: 0o755 },
  )
  return { path, reportDir: directory }
}

const settings = ({ path, reportDir }: { path: string; reportDir: string }): SuiteSettings => ({
  program: { path, version: 'v1.36.3', kubectl: '' },
  release: { suite: { ginkgo: 2 } },
  selection: { focus: 'a', skip: '' },
  kubeconfig,
  imageList: 'gcRegistry: registry.example.com\n',
  dnsDomain: 'cluster.local',
  taints: [],
  reportDir,
  timeoutMs: 20_000,
  signal: new AbortController().signal,
  onProgress: () => {},
  graceMs: [300, 300],
})

const log = (directory: string): string => readFileSync(join(directory, 'e2e.log'), 'utf8')
const pid = (directory: string): number => Number(readFileSync(join(directory, 'pid'), 'utf8'))
const started = (directory: string): Promise<void> =>
  expect
    .poll(() => existsSync(join(directory, 'pid')), { timeout: 10_000 })
    .toBe(true) as unknown as Promise<void>

describe('a suite (a stand-in for e2e.test)', () => {
  it('that passes leaves its report and its log, and no key anywhere', async () => {
    const { path, reportDir } = suite(
      'passes',
      `const file = option('kubeconfig')
const facts = { mode: (fs.statSync(file).mode & 0o777).toString(8), place: file, above: (fs.statSync(require('path').dirname(file)).mode & 0o777).toString(8),
  args: process.argv, env: process.env, list: fs.readFileSync(process.env.KUBE_TEST_REPO_LIST, 'utf8'), cwd: process.cwd() }
fs.writeFileSync(${JSON.stringify(join(base, 'facts.json'))}, JSON.stringify(facts))
console.log('\\x1b[2Jclear \\x1b]0;title\\x07 ' + fs.readFileSync(file, 'utf8'))
post('PASSED a', 1, 0).then(() => post('PASSED b', 2, 0)).then(() => { report('a', 'b'); process.stdout.write('no line end') })`,
    )
    process.env.KS_TEST_SECRET = 'of the operator'
    const told: Progress[] = []
    const end = await runSuite({ ...settings({ path, reportDir }), onProgress: (one) => told.push(one) })
    expect(end).toMatchObject({ code: 0, stopped: undefined, run, progress: { total: 2, passed: 2 } })
    expect(told.map(({ last }) => last)).toEqual(['PASSED a', 'PASSED b'])
    expect(await reportIn(reportDir)).toMatchObject({ specs: [{ name: 'a' }, { name: 'b' }], others: 0 })
    expect(log(reportDir)).toContain('\\x1b[2Jclear \\x1b]0;title\\x07 ')
    expect(log(reportDir)).toMatch(/no line end\n$/)
    const text = readFileSync(join(base, 'facts.json'), 'utf8')
    const facts = JSON.parse(text)
    expect([facts.mode, facts.above, facts.list]).toEqual([
      '600',
      '700',
      'gcRegistry: registry.example.com\n',
    ])
    expect(facts.place.startsWith(runtime)).toBe(true)
    expect(
      Object.keys(facts.env)
        .filter((name) => !name.startsWith('__'))
        .sort(),
    ).toEqual(['HOME', 'KUBE_TEST_REPO_LIST', 'PATH', 'TMPDIR'])
    for (const written of [text, log(reportDir)]) {
      expect(written).not.toContain('MIIEvQIBADANBgkq')
      expect(written).not.toContain(Buffer.from(key).toString('base64').slice(40, 80))
    }
    expect(readdirSync(runtime)).toEqual([])
  })

  it('that is interrupted may tidy up, and is told apart', async () => {
    const { path, reportDir } = suite(
      'tidies',
      `process.on('SIGTERM', () => { console.log('cleaning up'); report('a'); process.exit(1) }); setInterval(() => {}, 1000)`,
    )
    const abort = new AbortController()
    const running = runSuite({
      ...settings({ path, reportDir }),
      signal: abort.signal,
      graceMs: [5_000, 5_000],
    })
    await started(reportDir)
    await new Promise((resolve) => setTimeout(resolve, 200))
    abort.abort()
    expect(await running).toMatchObject({ code: 1, stopped: 'interrupted', run })
    expect(log(reportDir)).toContain('cleaning up')
    expect(readdirSync(runtime)).toEqual([])
  })

  it.each<[string, Partial<SuiteSettings>, SuiteEnd['stopped']]>([
    ['runs over its time', { timeoutMs: 1_000 }, 'timeout'],
    ['shows no sign of life', { silenceMs: 1_000 }, 'silence'],
  ])('that %s and ignores SIGTERM is killed, with what it started', async (what, over, stopped) => {
    const { path, reportDir } = suite(
      what.replaceAll(' ', '-'),
      `process.on('SIGTERM', () => {})
const child = require('child_process').spawn('sleep', ['300'], { stdio: 'inherit' })
fs.writeFileSync(${JSON.stringify(join(base, 'grandchild'))}, String(child.pid))
setInterval(() => {}, 1000)`,
    )
    const end = await runSuite({ ...settings({ path, reportDir }), ...over })
    expect(end).toMatchObject({ code: undefined, signal: 'SIGKILL', stopped })
    await expect.poll(() => isGone(Number(readFileSync(join(base, 'grandchild'), 'utf8')))).toBe(true)
    expect(isGone(pid(reportDir))).toBe(true)
    expect(readdirSync(runtime)).toEqual([])
  })

  it('that tells its progress is not taken for silent', async () => {
    const { path, reportDir } = suite(
      'alive',
      `let n = 0; const timer = setInterval(() => { post('PASSED a', ++n, 0); if (n === 5) { clearInterval(timer); report('a') } }, 400)`,
    )
    const end = await runSuite({ ...settings({ path, reportDir }), silenceMs: 1_500 })
    expect(end).toMatchObject({ code: 0, stopped: undefined })
  })

  it('that leaves a process behind does not keep the run waiting', async () => {
    const { path, reportDir } = suite(
      'leaves',
      `const child = require('child_process').spawn('sleep', ['300'], { stdio: 'inherit' }); child.unref(); report('a'); process.exit(0)`,
    )
    const began = Date.now()
    expect(await runSuite(settings({ path, reportDir }))).toMatchObject({ code: 0 })
    expect(Date.now() - began).toBeLessThan(8_000)
  })

  it('ends, and the key with it, when kubestrap is killed without warning', async () => {
    const { path, reportDir } = suite(
      'orphan',
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`,
    )
    const program = `Promise.all([import('./dist/operations/conformance/run-suite.js'), import('./dist/lib/secret.js')]).then(([{ runSuite }, { Secret }]) =>
      runSuite({ ...${JSON.stringify({ ...settings({ path, reportDir }), kubeconfig: undefined, signal: undefined })}, kubeconfig: new Secret('key'), signal: new AbortController().signal, onProgress() {} }))`
    const child = spawn(process.execPath, ['-e', program], { cwd: root, stdio: 'ignore', env: process.env })
    await started(reportDir)
    expect(readdirSync(runtime)).toHaveLength(1)
    child.kill('SIGKILL')
    await expect.poll(() => isGone(pid(reportDir)), { timeout: 10_000 }).toBe(true)
    await expect.poll(() => readdirSync(runtime), { timeout: 10_000 }).toEqual([])
  })

  it('is found, asked for its version, and refused where it is none', async () => {
    const { path } = suite('found', '')
    const find = (given: string, PATH: string) =>
      findSuite(given, { PATH }, new AbortController().signal, 'take it from the release')
    expect(await find(path, '')).toEqual({ path, version: 'v1.36.3', kubectl: '' })
    expect((await find('', join(path, '..'))).path).toBe(path)
    await expect(find('', '/nowhere')).rejects.toMatchObject({
      kind: 'preflight',
      message: 'e2e.test was not found on $PATH',
      next: 'take it from the release',
    })
    const text = join(base, 'text')
    writeFileSync(text, '', { mode: 0o644 })
    await expect(find(text, '')).rejects.toThrow(`${text} is not a program`)
    await expect(find('/bin/true', '')).rejects.toThrow('does not report a version of Kubernetes')
    const broken = join(base, 'broken')
    writeFileSync(broken, '\x7fELF', { mode: 0o755 })
    await expect(find(broken, '')).rejects.toMatchObject({ kind: 'preflight' })
  })

  it('lists what it would run', async () => {
    const { path } = suite('lists', `report('b', 'a')`)
    const program = { path, version: 'v1.36.3', kubectl: '' }
    const specs = listSpecs(
      program,
      { suite: { ginkgo: 2 } },
      { focus: 'x', skip: '' },
      new AbortController().signal,
    )
    expect(await specs).toEqual(['a', 'b'])
    expect(readdirSync(runtime)).toEqual([])
  })
})
