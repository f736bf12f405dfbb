import { expect, test } from 'vitest'
import { debian } from '../../../src/os/debian.js'
import { parsePresence, presenceScript } from '../../../src/preflight/presence.js'
import { versionScript } from '../../../src/runtimes/containerd/version.js'
import { shimmedHost } from '../../support/shimmed-host.js'

async function said(shims: Record<string, string>, script: string) {
  const host = shimmedHost('w1', shims)
  try {
    const { code, stdout } = await host.read({ script, args: ['containerd'] })
    return { code, text: stdout.toString() }
  } finally {
    host.remove()
  }
}
// it puts the usual directories first, before the shims
const script = presenceScript(debian.owningPackage).replace(/^PATH=.*$/m, '')
const offered = `f() {\n${debian.offeredVersion}\n}\nf "$1"`
const owner = `f() {\n${debian.owningPackage}\n}\nf "$1"`

test('the version that apt offers; none is an answer, and apt that fails is none', async () => {
  expect(
    await said({ 'apt-cache': 'echo "containerd:"; echo "  Candidate: 1.6.20~ds1-1"' }, offered),
  ).toEqual({
    code: 0,
    text: '1.6.20~ds1-1\n',
  })
  expect(await said({ 'apt-cache': 'exit 0' }, offered)).toEqual({ code: 0, text: '' })
  expect((await said({ 'apt-cache': 'exit 100' }, offered)).code).not.toBe(0)
  expect(
    (
      await said(
        { 'apt-cache': 'exit 100', command: ':' },
        versionScript(debian.offeredVersion).replace('command -v containerd', 'false'),
      )
    ).code,
  ).not.toBe(0)
})

test('the package that owns a file; none is an answer, and a dpkg that fails is none', async () => {
  expect(await said({ 'dpkg-query': 'echo "containerd: /usr/bin/containerd"' }, owner)).toEqual({
    code: 0,
    text: 'containerd\n',
  })
  expect((await said({ 'dpkg-query': 'echo "no path found" >&2; exit 1' }, owner)).code).toBe(0)
  expect((await said({ 'dpkg-query': 'exit 2' }, owner)).code).not.toBe(0)
})

test('a look for runtimes that could not ask for their owner or their units is not whole', async () => {
  const found = { crio: 'exit 0', systemctl: 'exit 1', 'dpkg-query': 'echo "cri-o: x"' }
  const whole = await said(found, script)
  expect(parsePresence(whole.text)?.runtimes.find(({ name }) => name === 'crio')?.owner).toBe('cri-o')
  const lost = await said({ ...found, 'dpkg-query': 'exit 2' }, script)
  expect(parsePresence(lost.text)).toBeUndefined()
  const deaf = await said({ ...found, systemctl: 'echo "no bus" >&2; exit 1' }, script)
  expect(parsePresence(deaf.text)).toBeUndefined()
})
