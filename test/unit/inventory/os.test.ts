import { expect, test } from 'vitest'
import { changed, decode, said } from './support.js'

/** The settings of every host, and those of w1. */
const withOs = (all: string, own?: string): string => {
  const text = changed('hosts:', `defaults: { ${all} }\nhosts:`)
  return own === undefined ? text : changed('    roles: [worker]', `    roles: [worker]\n${own}`, text)
}

const docker = 'docker: { url: https://download.example.com/linux/, key: keys/docker.asc'

test('settings of the operating system are of all hosts, and a host has its own over them', () => {
  const hosts = decode(
    withOs(
      `os: { like: debian, repositories: { ${docker}, suite: bookworm, components: [stable] } } }, timeSync: chrony, firewall: leave`,
      '    os: { hold: true, repositories: { mine: { url: "http://m.example.com/el9", key: /k, signedLists: false } } }\n    timeSync: false',
    ),
  ).hosts
  const shared = {
    name: 'docker',
    url: 'https://download.example.com/linux',
    key: '/etc/ks/keys/docker.asc',
    suite: 'bookworm',
    components: ['stable'],
    signedLists: true,
  }
  const [first, worker] = hosts
  expect(first).toMatchObject({
    os: { like: 'debian', hold: false, repositories: [shared] },
    timeSync: 'chrony',
    firewall: 'leave',
  })
  expect(worker).toMatchObject({
    os: {
      like: 'debian',
      hold: true,
      repositories: [shared, { name: 'mine', suite: '', signedLists: false }],
    },
    timeSync: false,
    firewall: 'leave',
  })
})

test('a name, a URL and words of a repository are what its file can hold', () => {
  const wrong = (repository: string): string[] =>
    said(withOs(`os: { repositories: { ${repository} } }`)).map((line) => line.replace(/^\S+ /, ''))
  expect(wrong(`${docker} }`)).toEqual([])
  expect(wrong('"a b": { url: "https://e.example/", key: k }')).toEqual([
    expect.stringContaining('is not the name of a repository'),
  ])
  expect(wrong('a: { url: "file:///x", key: k }')).toEqual([
    expect.stringContaining('the URL of a repository'),
  ])
  expect(wrong('a: { url: "https://e.example/ gpgcheck=0", key: k }')).toEqual([
    expect.stringContaining('the URL of a repository'),
  ])
  expect(wrong('a: { url: "https://e.example/", key: k, suite: "b c" }')).toEqual([
    expect.stringContaining('the name of a suite'),
  ])
  expect(
    wrong('a: { url: "https://e.example/", key: k, suite: b, components: ["main [trusted=yes]"] }'),
  ).toEqual([expect.stringContaining('the name of a suite')])
})
