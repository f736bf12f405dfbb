import { expect, test } from 'vitest'
import type { HostSpec } from '../../../src/inventory/spec.js'
import { debian } from '../../../src/os/debian.js'
import type { OperatingSystem } from '../../../src/os/os.js'
import { rhelLike, rhelSystems } from '../../../src/os/rhel.js'
import { lookCloser, notCloser } from '../../../src/preflight/closer.js'
import { packageChecks } from '../../../src/preflight/package-checks.js'
import { lookAtPackages, type PackageSeen } from '../../../src/preflight/package-look.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { releasedContainerd } from '../../../src/runtimes/containerd/released.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import type { Runtime } from '../../../src/runtimes/runtime.js'
import { contextOf, machine } from '../../support/context.js'
import { shimmedHost } from '../../support/shimmed-host.js'
import { clusterSpec, repositorySpec } from '../../support/spec.js'

const rhel10 = rhelSystems[1]?.of(
  machine({}, { os: { id: 'rocky', like: [], version: '10.1', name: '' } }).facts,
)

interface Given {
  runtime?: Runtime
  seen?: Readonly<Record<string, PackageSeen>> | 'unknown'
  spec?: Partial<HostSpec>
  sources?: Partial<ReturnType<typeof clusterSpec>['sources']>
}

function told(os: OperatingSystem, { runtime = containerd, seen = {}, spec = {}, sources }: Given = {}) {
  const one = { ...machine(spec, { kubernetes: false }), os }
  const cluster = clusterSpec({ hosts: [one.spec] })
  const context = contextOf([one], {
    runtime,
    spec: { ...cluster, sources: { ...cluster.sources, ...sources } },
  })
  const packages = new Map([['cp1', seen === 'unknown' ? seen : new Map(Object.entries(seen))] as const])
  return packageChecks.flatMap(({ run }) => run(context, { ...notCloser, packages }))
}

test('a runtime that a host cannot have stops the run, and what helps is named', () => {
  expect(told(rhelLike)).toEqual([
    {
      host: 'cp1',
      severity: 'error',
      what: expect.stringMatching(/ does not have containerd\.io in its own repositories/),
      next: expect.stringMatching(/^set sources: \{ runtime: download \}, or name a repository/),
    },
  ])
  expect(told(rhelLike, { runtime: docker })).toMatchObject([
    {
      severity: 'error',
      what: expect.stringMatching(/ docker-ce, docker-ce-cli, containerd\.io /),
      next: expect.stringMatching(
        /^name a repository .*or use runtime: containerd with sources: \{ runtime: download \}$/,
      ),
    },
  ])
})

test('the CNI plug-ins of RHEL 10 likewise, unless they come otherwise', () => {
  if (!rhel10) throw new Error('no Rocky')
  const runtime = releasedContainerd
  expect(told(rhel10, { runtime })).toMatchObject([
    {
      severity: 'error',
      what: expect.stringContaining('containernetworking-plugins'),
      next: 'set sources: { cniPlugins: download }',
    },
  ])
  expect(told(rhel10, { runtime, sources: { cniPlugins: 'download' } })).toEqual([])
  // 9 has it
  expect(told(rhelLike, { runtime })).toEqual([])
})

test('etcd on a host of its own likewise', () => {
  expect(told(rhelLike, { spec: { roles: ['etcd'] } })).toMatchObject([
    { severity: 'error', what: expect.stringContaining(' etcd '), next: 'set etcd: { install: download }' },
  ])
})

test('one that another repository of the host has, or that is installed, is fine; where nobody answered it is a warning', () => {
  expect(told(rhelLike, { seen: { 'containerd.io': { offered: '2.2.3-1.el9' } } })).toEqual([])
  expect(told(rhelLike, { seen: { 'containerd.io': { installed: '2.2.3-1.el9' } } })).toEqual([])
  expect(told(rhelLike, { seen: 'unknown' })).toMatchObject([
    { severity: 'warning', next: expect.stringContaining('sources: { runtime: download }') },
  ])
})

test('nothing is said of a host with repositories of the inventory, nor of a system that has everything', () => {
  expect(
    told(rhelLike, { spec: { os: { like: undefined, hold: false, repositories: [repositorySpec] } } }),
  ).toEqual([])
  expect(told(debian)).toEqual([])
})

/** rpm and dnf as they answer: containerd.io is offered, socat is installed. */
const shims = {
  rpm: `
case "$*" in
'-q --qf '*socat) echo '1.7.4.1-6.el9' ;;
*--whatprovides*) shift $(($# - 1)); echo "no package provides $1"; exit 1 ;;
*) shift $(($# - 1)); echo "package $1 is not installed"; exit 1 ;;
esac`,
  dnf: `case "$*" in *containerd.io) echo '2.2.3-1.el9' ;; *docker-ce) ;; *socat) echo '1.7.4.1-6.el9' ;; esac`,
}

test('the package manager is asked for what is installed and what is offered; one that fails does not know', async () => {
  const look = async (by: Record<string, string>) => {
    const host = shimmedHost('w1', by)
    try {
      return await lookAtPackages({ host, os: rhelLike }, ['containerd.io', 'docker-ce', 'socat'])
    } finally {
      host.remove()
    }
  }
  expect(await look(shims)).toEqual(
    new Map<string, PackageSeen>([
      ['containerd.io', { offered: '2.2.3-1.el9' }],
      ['docker-ce', {}],
      // of what is there no repository is asked
      ['socat', { installed: '1.7.4.1-6.el9' }],
    ]),
  )
  expect(await look({ ...shims, dnf: 'exit 1' })).toEqual(
    new Map<string, PackageSeen>([
      ['containerd.io', { unknown: true }],
      ['docker-ce', { unknown: true }],
      ['socat', { installed: '1.7.4.1-6.el9' }],
    ]),
  )
  expect(await look({ ...shims, rpm: 'echo "error: cannot open Packages database" >&2; exit 1' })).toBe(
    'unknown',
  )
})

test('new hosts are asked for the packages that their systems lack, and for no others', async () => {
  const asked: string[] = []
  const host = shimmedHost('cp1', shims)
  const read: typeof host.read = (question) => {
    if (question.what === 'look for packages') asked.push(...(question.args ?? []))
    return host.read(question)
  }
  const one = { ...machine({}, { kubernetes: false }), os: rhelLike, host: { ...host, read } }
  try {
    const { packages } = await lookCloser(contextOf([one], { runtime: containerd }), false)
    expect(asked).toEqual(['containerd.io'])
    expect(packages).toEqual(new Map([['cp1', new Map([['containerd.io', { offered: '2.2.3-1.el9' }]])]]))
  } finally {
    host.remove()
  }
})
