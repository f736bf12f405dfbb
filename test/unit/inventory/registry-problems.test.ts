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
    ['{ registry-1.docker.io: { mirrors: [https://a] } }', 'no image is of registry-1.docker.io → docker.io'],
    ['{ docker.io: {} }', 'nothing is said of docker.io'],
    ['{ docker.io: { fallback: false } }', 'docker.io is not to be asked, and has no mirror'],
    ['{ "*": { mirrors: [https://a], skipVerify: true } }', 'skipVerify belongs to one registry'],
    ['{ docker.io: { mirrors: [mirror.example] } }', '"mirror.example" is not a mirror\'s URL'],
    ['{ docker.io: { mirrors: [ftp://a] } }', '"ftp://a" is not a mirror\'s URL'],
    ['{ docker.io: { mirrors: [https://a, https://a] } }', 'https://a stands here twice'],
    ['{ a.example: { caFile: x, skipVerify: true } }', 'the caFile of a.example counts for nothing'],
    [
      '{ docker.io: { mirrors: ["http://a:5"] }, "a:5": { auth: { username: u, password: env:P } } }',
      'the password for a:5 would travel in the clear',
    ],
    [
      '{ docker.io: { mirrors: [https://a.example] }, "a.example:5000": { caFile: x } }',
      'a.example is said nothing of, but a.example:5000 is',
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
    ['{ quay.io: { mirrors: [https://a] } }', 'docker has mirrors for docker.io alone'],
    ['{ docker.io: { mirrors: [https://a/v2/x] } }', "docker takes no path in a mirror's URL"],
    ['{ docker.io: { mirrors: [https://a], fallback: false } }', 'docker always asks the registry'],
    ['{ a.example: { auth: { username: u, password: env:P } } }', 'docker logs in to no mirror'],
  ])('%s with Docker: told, with what can', (registries, expected) => {
    expect(words(onDocker(registries))).toEqual([expect.stringContaining(expected)])
    expect(words(onDocker(registries))).toEqual([expect.stringContaining('runtime: containerd')])
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
    expect(said(text).join('\n')).toMatch(/Docker Hub takes no login/)
  })
})
