import { describe, expect, it } from 'vitest'
import { parseMembership } from '../../../src/host/facts/read-membership.js'

describe('what a machine belongs to', () => {
  it.each([
    ['root login\nend\n', { root: 'login', cluster: undefined }],
    ['root sudo\nsign k3s\nend\n', { root: 'sudo', cluster: 'a k3s cluster' }],
    [
      'root login\nsign Kubernetes\nserver https://[fd00::1]:6443\nsign etcd\nend\n',
      { root: 'login', cluster: 'a Kubernetes cluster (https://[fd00::1]:6443)' },
    ],
    [
      'root no sudo: a password is required\nsign etcd\nend\n',
      { root: 'sudo-asks', cluster: 'an etcd cluster' },
    ],
    ['root no sh: sudo: not found\nend\n', { root: { refused: 'sh: sudo: not found' }, cluster: undefined }],
  ])('%j', (text, expected) => {
    expect(parseMembership(text)).toEqual(expected)
  })

  it('is told in no word of its own that nobody checked', () => {
    expect(
      parseMembership(
        'root no \u001b[2Jx\nsign \u001b[31m\nsign Kubernetes\nserver https://a\u001b[2J\nend\n',
      ),
    ).toEqual({
      root: { refused: '\\x1b[2Jx' },
      cluster: 'a Kubernetes cluster',
    })
  })
})
