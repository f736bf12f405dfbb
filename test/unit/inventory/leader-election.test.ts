import { describe, expect, test } from 'vitest'
import { clusterConfiguration } from '../../../src/kubernetes/config/kubeadm-config.js'
import { staticPods } from '../../../src/kubernetes/manifests/static-pods.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { hostSpec } from '../../support/spec.js'
import { changed, decode, said } from './support.js'

const withTimings = (timings: string, extraArgs = '{}'): string =>
  changed(
    'networking:',
    `scheduler: { leaderElection: ${timings}, extraArgs: ${extraArgs} }\ncontrollerManager: { leaderElection: ${timings} }\nnetworking:`,
  )
const release = releaseFor('1.20.2')
const manifest = (text: string, pod: string): string =>
  JSON.stringify(staticPods(decode(text), hostSpec(), release, { caDirectories: [] }).get(pod))

describe('timings of leader election', () => {
  test('become flags of both components, and stand where kubeadm looks for them', () => {
    const text = withTimings('{ leaseDuration: 30s, renewDeadline: 20s, retryPeriod: 4s }')
    const flags = {
      'leader-elect-lease-duration': '30s',
      'leader-elect-renew-deadline': '20s',
      'leader-elect-retry-period': '4s',
    }
    for (const pod of ['kube-scheduler', 'kube-controller-manager'])
      for (const [name, value] of Object.entries(flags))
        expect(manifest(text, pod)).toContain(`"--${name}=${value}"`)
    expect(clusterConfiguration(decode(text), release)).toMatchObject({
      scheduler: { extraArgs: flags },
      controllerManager: { extraArgs: flags },
    })
  })

  test('that are the defaults go unsaid, as kubeadm leaves them', () => {
    const text = withTimings('{ leaseDuration: 15s, renewDeadline: 10s, retryPeriod: 2s }')
    expect(manifest(text, 'kube-scheduler')).toContain('"--leader-elect=true"')
    expect(manifest(text, 'kube-scheduler')).not.toContain('leader-elect-')
  })

  test.each([
    ['{ leaseDuration: 10s }', 'leaseDuration 10s is not longer than renewDeadline 10s'],
    ['{ renewDeadline: 1m }', 'leaseDuration 15s is not longer than renewDeadline 1m'],
    ['{ retryPeriod: 9s }', 'renewDeadline 10s is not longer than 1.2 × retryPeriod 9s'],
    ['{ retryPeriod: "0s" }', 'retryPeriod must be greater than 0'],
  ])('%s: refused for both, as client-go would', (timings, words) => {
    expect(said(withTimings(timings))).toEqual([
      expect.stringContaining(words),
      expect.stringContaining(words),
    ])
  })

  test('just within the rules are taken', () => {
    expect(said(withTimings('{ leaseDuration: 11s, retryPeriod: 8s }'))).toEqual([])
  })

  test.each([
    [
      '{ leader-elect-lease-duration: 40s }',
      'leader-elect-lease-duration and leaderElection.leaseDuration set the same value',
    ],
    ['{ leader-elect: "false" }', 'leaderElection has durations, but leader-elect is false'],
  ])('beside extraArgs %s: told', (extraArgs, words) => {
    expect(said(withTimings('{ leaseDuration: 30s }', extraArgs))).toEqual([expect.stringContaining(words)])
  })

  test('are held against flags that stand beside them', () => {
    expect(
      said(withTimings('{ leaseDuration: 11s }', '{ leader-elect-renew-deadline: 12s }')).join('\n'),
    ).toMatch(/scheduler.*leaseDuration|leaseDuration.*renewDeadline/s)
    const right = changed(
      'networking:',
      'scheduler: { leaderElection: { renewDeadline: 20s }, extraArgs: { leader-elect-lease-duration: 40s } }\nnetworking:',
    )
    expect(said(right)).toEqual([])
  })
})
