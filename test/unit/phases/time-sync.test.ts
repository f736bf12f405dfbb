import { describe, expect, test } from 'vitest'
import type { Balancer } from '../../../src/balancers/balancer.js'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import type { Facts, TimeSyncFacts } from '../../../src/host/facts/facts.js'
import { timeSyncFacts } from '../../../src/host/facts/time-sync-facts.js'
import type { HostSpec } from '../../../src/inventory/spec.js'
import type { OperatingSystem } from '../../../src/os/os.js'
import { rhelLike } from '../../../src/os/rhel.js'
import { timeSync } from '../../../src/phases/time-sync.js'
import { notCloser } from '../../../src/preflight/closer.js'
import { timeSyncChecks } from '../../../src/preflight/time-sync-checks.js'
import { contextOf, machine } from '../../support/context.js'

type Unit = Exclude<TimeSyncFacts['units'], 'unknown'>[number]
const unit = (name: string, active = true, masked = false): Unit => ({ unit: name, active, masked })

interface Case {
  units?: readonly Unit[] | 'unknown'
  synchronized?: boolean | 'unknown'
  clocks?: readonly string[]
  facts?: Partial<Facts>
  wish?: HostSpec['timeSync']
  os?: OperatingSystem
  roles?: HostSpec['roles']
}

/** Steps of a worker, and what preflight says of it. */
function of(
  { units = [], synchronized = false, clocks = [], facts, wish, os, roles = ['worker'] }: Case,
  balancer?: Balancer,
) {
  const one = machine(
    { name: 'w1', roles, timeSync: wish },
    {
      container: 'none',
      kubernetes: false,
      timeSync: { units, synchronized, hypervisorClocks: clocks },
      ...facts,
    },
  )
  const context = contextOf([os ? { ...one, os } : one], { balancer })
  return {
    steps: timeSync.steps(context).map(({ id }) => id),
    said: timeSyncChecks.flatMap(({ run }) =>
      run(context, notCloser).map(({ severity, what }) => `${severity}: ${what}`),
    ),
  }
}

const nothing = { steps: [], said: [] }
const timesyncd = ['packages:time-sync', 'service:systemd-timesyncd.service']

describe('time synchronization', () => {
  test('of a container is that of its host, whatever the inventory says', () => {
    expect(of({ facts: { container: 'systemd-nspawn' } })).toEqual(nothing)
    expect(of({ facts: { container: 'lxc' }, wish: 'chrony' })).toEqual(nothing)
  })

  test('is set up on a new host that has none, by what its system uses', () => {
    expect(of({})).toEqual({ steps: timesyncd, said: ['warning: nothing keeps the clock'] })
    expect(of({ os: rhelLike }).steps).toEqual(['packages:time-sync', 'service:chronyd.service'])
  })

  test('is set up on a new host of the load balancer, and not on one that lives', () => {
    const on = (ownUnits: readonly string[]) => of({ roles: ['load-balancer'], facts: { ownUnits } }, haproxy)
    expect(on([]).steps).toEqual(timesyncd)
    expect(on(['kubestrap-haproxy.service']).steps).toEqual([])
  })

  test('is by what is installed and was not started', () => {
    expect(of({ units: [unit('chrony.service', false)] }).steps).toEqual([
      'packages:time-sync',
      'service:chrony.service',
    ])
  })

  test('is left alone where something keeps the clock', () => {
    expect(of({ units: [unit('chronyd.service')], synchronized: true })).toEqual(nothing)
    expect(of({ units: [unit('ntpsec.service')], synchronized: true })).toEqual(nothing)
    // by whatever: the kernel says so
    expect(of({ synchronized: true })).toEqual(nothing)
    expect(of({ clocks: ['KVM virtual PTP'] })).toEqual(nothing)
    expect(of({ wish: false })).toEqual(nothing)
  })

  test('is not installed unasked in a cluster that lives, or where it was masked', () => {
    const said = ['warning: nothing keeps the clock']
    expect(of({ facts: { kubernetes: true } })).toEqual({ steps: [], said })
    expect(of({ units: [unit('systemd-timesyncd.service', false, true)] })).toEqual({ steps: [], said })
    expect(of({ roles: ['load-balancer'] })).toEqual({ steps: [], said })
  })

  test('is what the inventory asks for, in a living cluster too', () => {
    const steps = ['packages:time-sync', 'service:chrony.service']
    expect(of({ wish: 'chrony', facts: { kubernetes: true } })).toEqual({ steps, said: [] })
    expect(of({ wish: 'chrony', units: [unit('systemd-timesyncd.service')] })).toEqual({
      steps,
      said: ['warning: systemd-timesyncd.service keeps the clock, and the inventory asks for chrony'],
    })
    expect(of({ wish: 'systemd-timesyncd', os: rhelLike }).said).toEqual([
      expect.stringMatching(/^error: .* has no package for systemd-timesyncd$/),
    ])
  })

  test('that cannot be looked at is not absent', () => {
    const said = ['warning: could not check what keeps the clock']
    expect(of({ units: 'unknown' })).toEqual({ steps: [], said })
    expect(of({ facts: { container: '' } })).toEqual({ steps: [], said })
  })

  test('that does not work, and two at once, are told', () => {
    expect(of({ units: [unit('chronyd.service')] }).said).toEqual([
      'warning: chronyd.service runs, and the clock is not synchronized',
    ])
    expect(of({ units: [unit('chronyd.service')], synchronized: 'unknown' })).toEqual(nothing)
    expect(of({ units: [unit('chrony.service'), unit('ntpsec.service')], synchronized: true }).said).toEqual([
      'warning: chrony.service and ntpsec.service keep the clock, and each undoes what the other does',
    ])
  })
})

describe('what keeps the clock is read', () => {
  const block = (id: string, load: string, active: string) => [
    `Id=${id}`,
    `LoadState=${load}`,
    `ActiveState=${active}`,
  ]

  test('of blocks of systemctl, an alias once', () => {
    const lines = [
      ...block('chrony.service', 'loaded', 'active'),
      ...block('chrony.service', 'loaded', 'active'),
      ...block('systemd-timesyncd.service', 'masked', 'inactive'),
      ...block('ntpd.service', 'not-found', 'inactive'),
      ...block('openntpd.service', 'loaded', 'inactive'),
      'end',
    ]
    expect(timeSyncFacts(lines, 'NTPSynchronized=yes', ['KVM virtual PTP', 'mlx5_ptp'])).toEqual({
      units: [
        unit('chrony.service'),
        unit('systemd-timesyncd.service', false, true),
        unit('openntpd.service', false),
      ],
      synchronized: true,
      hypervisorClocks: ['KVM virtual PTP'],
    })
  })

  test('and no answer is none', () => {
    expect(timeSyncFacts(block('chrony.service', 'loaded', 'active'), '', [])).toEqual({
      units: 'unknown',
      synchronized: 'unknown',
      hypervisorClocks: [],
    })
    expect(timeSyncFacts(['end'], 'NTPSynchronized=no', [])).toMatchObject({ units: [], synchronized: false })
  })
})
