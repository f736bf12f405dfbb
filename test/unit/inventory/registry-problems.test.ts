import { describe, expect, test } from 'vitest'
import { changed, decode, said } from './support.js'

const onContainerd = (registries: string): string =>
  changed('networking:', `runtime: containerd\nregistries: ${registries}\nnetworking:`)
const onDocker = (registries: string): string =>
  changed('networking:', `registries: ${registries}\nnetworking:`)
/** What is said of an inventory, without the place. */
const words = (text: string): string[] => said(text).map((one) => one.replace(/^\S+ /, ''))

describe('registries', () => {
  test('are mirrors, and how servers are reached, by name', () => {
    const spec = decode(
      onContainerd(
        '{ docker.io: { mirrors: [https://m.example], fallback: false }, m.example: { caFile: ./ca.pem, auth: { username: robot, password: env:ROBOT } }, "*": { mirrors: [http://10.0.0.9:5000] } }',
      ),
    )
    expect(spec.registries).toMatchObject([
      { name: 'docker.io', mirrors: ['https://m.example'], fallback: false, skipVerify: false },
      {
        name: 'm.example',
        mirrors: [],
        fallback: true,
        caFile: '/etc/ks/ca.pem',
        auth: { username: 'robot', password: { source: { kind: 'env', name: 'ROBOT' } } },
      },
      { name: '*', mirrors: ['http://10.0.0.9:5000'] },
    ])
  })

  test.each([
    [
      '{ "https://m.example": { mirrors: [https://a] } }',
      '"https://m.example" is not the name of a registry',
    ],
    [
      '{ registry-1.docker.io: { mirrors: [https://a] } }',
      'no image reference begins with registry-1.docker.io → use docker.io',
    ],
    ['{ docker.io: {} }', 'docker.io has no settings'],
    ['{ docker.io: { fallback: false } }', 'fallback to docker.io is off, and it has no mirror'],
    ['{ "*": { mirrors: [https://a], skipVerify: true } }', 'skipVerify applies to a single registry'],
    ['{ docker.io: { mirrors: [mirror.example] } }', '"mirror.example" is not the URL of a mirror'],
    ['{ docker.io: { mirrors: [ftp://a] } }', '"ftp://a" is not the URL of a mirror'],
    ['{ docker.io: { mirrors: [https://a, https://a] } }', 'https://a is listed twice'],
    ['{ a.example: { caFile: x, skipVerify: true } }', 'the caFile of a.example has no effect'],
    [
      '{ docker.io: { mirrors: ["http://a:5"] }, "a:5": { auth: { username: u, password: env:P } } }',
      'the password for a:5 would be sent unencrypted',
    ],
    [
      '{ docker.io: { mirrors: [https://a.example] }, "a.example:5000": { caFile: x } }',
      'a.example has no settings, but a.example:5000 has',
    ],
  ])('%s: told', (registries, expected) => {
    expect(words(onContainerd(registries))).toEqual([expect.stringContaining(expected)])
  })

  test('never show a password that stands in a URL or where a reference belongs', () => {
    const told = [
      ...words(onContainerd('{ docker.io: { mirrors: ["https://me:hunter22@a"] } }')),
      ...words(onContainerd('{ a.example: { auth: { username: u, password: hunter22 } } }')),
    ]
    expect(told).toHaveLength(2)
    expect(told.join()).not.toContain('hunter22')
  })

  test.each([
    ['{ quay.io: { mirrors: [https://a] } }', 'docker supports mirrors for docker.io only'],
    ['{ docker.io: { mirrors: [https://a/v2/x] } }', 'docker does not support a path in the URL of a mirror'],
    ['{ docker.io: { mirrors: [https://a], fallback: false } }', 'docker always falls back to the registry'],
    ['{ a.example: { auth: { username: u, password: env:P } } }', 'docker does not log in to mirrors'],
  ])('%s with Docker: told, with what can', (registries, expected) => {
    expect(words(onDocker(registries))).toEqual([expect.stringContaining(expected)])
    expect(words(onDocker(registries))).toEqual([expect.stringContaining('use runtime: containerd')])
    expect(words(onContainerd(registries))).toEqual([])
  })

  test('of Docker Hub alone are fine with Docker', () => {
    expect(said(onDocker('{ docker.io: { mirrors: [https://a] }, a: { skipVerify: true } }'))).toEqual([])
  })

  test('of Docker Hub take no login with containerd, which would be nobody there', () => {
    const text = changed(
      'binaries:',
      'runtime: containerd\nregistries: { docker.io: { auth: { username: me, password: env:HUB } } }\nbinaries:',
    )
    expect(said(text).join('\n')).toMatch(/containerd cannot log in to Docker Hub/)
  })
})
