import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { debian } from '../../../src/os/debian.js'
import { rhelLike } from '../../../src/os/rhel.js'
import { packages } from '../../../src/phases/packages.js'
import { selinux } from '../../../src/phases/selinux.js'
import { selinuxLabels } from '../../../src/resources/selinux-labels.js'
import { unseen } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const plane = (
  mode: 'enforcing' | 'permissive' | 'disabled' | 'unknown',
  container = 'none',
  os = rhelLike,
) => ({ ...machine({}, { selinux: mode, container }), os })

const ids = (one: ReturnType<typeof plane>) => selinux.steps(contextOf([one])).map(({ id }) => id)

test('labels are set where SELinux decides', () => {
  expect(ids(plane('enforcing'))).toEqual(['selinux-labels'])
  expect(ids(plane('permissive'))).toEqual(['selinux-labels'])
  expect(ids(plane('unknown'))).toEqual(['selinux-labels'])
  expect(ids(plane('disabled'))).toEqual([])
  expect(ids(plane('enforcing', 'systemd-nspawn'))).toEqual([])
  expect(ids(plane('enforcing', 'none', debian))).toEqual([])
})

test('and its packages are installed there', () => {
  const wanted = (one: ReturnType<typeof plane>) => {
    const step = packages.steps(contextOf([one])).find(({ id }) => id === 'packages:node')
    return JSON.stringify(step?.diff([]))
  }
  expect(wanted(plane('enforcing'))).toContain('container-selinux, policycoreutils-python-utils')
  expect(wanted(plane('disabled'))).not.toContain('container-selinux')
})

/** matchpathcon, semanage and restorecon over a file for each: RULE once a rule was added, GOOD once labels were restored. */
const shims = {
  matchpathcon: '[ -e "$SHIMS/RULE" ] && t=container_file_t || t=var_lib_t; echo "system_u:object_r:$t:s0"',
  semanage: 'echo "$*" >>"$SHIMS/log"; : >"$SHIMS/RULE"',
  restorecon: `echo "$*" >>"$SHIMS/log"
case $* in -n*) [ -e "$SHIMS/GOOD" ] || echo "Would relabel $4 from unconfined_u:object_r:etc_t:s0 to unconfined_u:object_r:kubernetes_file_t:s0" ;;
*) : >"$SHIMS/GOOD" ;; esac`,
}

test('labels are those of the policy, and of the containers where it has none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ks-selinux-'))
  const [etc, data] = [join(directory, 'kubernetes'), join(directory, 'etcd')]
  mkdirSync(etc)
  const host = shimmedHost('cp1', shims)
  try {
    const step = selinuxLabels(host, { directories: [etc, data], data }, [])
    const changes = step.diff(await step.probe())
    expect(changes.map(({ summary }) => summary)).toEqual([
      `set the SELinux label of ${data} to container_file_t`,
      `restore the SELinux labels of ${etc}, ${data}`,
    ])
    mkdirSync(data)
    await step.apply(changes, unseen)
    expect(step.diff(await step.probe())).toEqual([])
    const log = (await host.read({ script: 'cat "$SHIMS/log"' })).stdout.toString()
    expect(log).toContain(`fcontext -a -t container_file_t ${data}(/.*)?\n-R ${etc} ${data}\n`)
  } finally {
    host.remove()
    rmSync(directory, { recursive: true })
  }
})

test('labels that cannot be read are not right ones', async () => {
  const host = shimmedHost('cp1', { ...shims, restorecon: 'echo "denied" >&2; exit 255' })
  await expect(selinuxLabels(host, { directories: ['/etc'] }, []).probe()).rejects.toThrow(
    'could not check SELinux labels',
  )
  host.remove()
})
