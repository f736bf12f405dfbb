import { describe, expect, test } from 'vitest'
import { dnf } from '../../../src/os/dnf/dnf.js'
import { rpmQueries } from '../../../src/os/rpm/queries.js'
import { shimmedHost } from '../../support/shimmed-host.js'

/** rpm as it answers: containerd.io and iptables-nft are installed, /usr/bin/containerd is of the former. */
const rpm = `
case "$*" in
*--whatprovides*iptables) echo '1.8.10-11.el9'; exit 0 ;;
*--whatprovides*) shift $(($# - 1)); echo "no package provides $1"; exit 1 ;;
'-q --qf '*containerd.io) echo '1.7.24-3.1.el9'; exit 0 ;;
'-q --qf '*) shift $(($# - 1)); echo "package $1 is not installed"; exit 1 ;;
'-qf '*/usr/bin/containerd) echo containerd.io; exit 0 ;;
'-qf '*) shift $(($# - 1)); echo "file $1 is not owned by any package"; exit 1 ;;
esac
exit 9`
/** rpm whose database cannot be read. */
const broken = `echo 'error: cannot open Packages database in /var/lib/rpm' >&2
case $1 in -qf) echo "file x is not owned by any package" ;; *) echo 'package x is not installed' ;; esac
exit 1`

async function run(shims: Record<string, string>, script: string, args: string[]) {
  const host = shimmedHost('w1', shims)
  try {
    const { code, stdout, stderr } = await host.read({ script, args })
    return { code, text: stdout.toString(), stderr }
  } finally {
    host.remove()
  }
}
const called = (body: string): string => `f() {\n${body}\n}\nf "$@"`

describe('the RPM database', () => {
  test('tells what is installed by the name it was asked by, also of what a package provides', async () => {
    const names = ['containerd.io', 'iptables', 'socat']
    expect(await run({ rpm }, rpmQueries.installedPackages, names)).toEqual({
      code: 0,
      text: 'containerd.io 1.7.24-3.1.el9\niptables 1.8.10-11.el9\n',
      stderr: '',
    })
  })

  test('that cannot be read is no answer', async () => {
    const { code, stderr } = await run({ rpm: broken }, rpmQueries.installedPackages, ['socat'])
    expect(code).not.toBe(0)
    expect(stderr).toContain('cannot open Packages database')
    expect((await run({ rpm: broken }, called(rpmQueries.owningPackage), ['/usr/bin/crio'])).code).not.toBe(0)
    expect((await run({ rpm: 'exit 127' }, rpmQueries.installedPackages, ['socat'])).code).not.toBe(0)
  })

  test('tells the owner of a file; none is an answer', async () => {
    const owner = called(rpmQueries.owningPackage)
    expect((await run({ rpm }, owner, ['/usr/bin/containerd'])).text).toBe('containerd.io\n')
    expect(await run({ rpm }, owner, ['/opt/bin/crio'])).toEqual({ code: 0, text: '', stderr: '' })
  })
})

test('the version that dnf offers; none is an answer, and a dnf that fails is none', async () => {
  const offered = called(dnf.offeredVersion)
  const args = ['containerd.io']
  expect((await run({ dnf: "printf '\\n1.7.24-3.1.el9\\n\\n'" }, offered, args)).text).toBe(
    '1.7.24-3.1.el9\n',
  )
  expect(await run({ dnf: 'exit 0' }, offered, args)).toEqual({ code: 0, text: '', stderr: '' })
  expect((await run({ dnf: 'exit 1' }, offered, args)).code).not.toBe(0)
})
