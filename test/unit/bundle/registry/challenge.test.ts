import { expect, it } from 'vitest'
import { parseChallenge } from '../../../../src/bundle/registry/challenge.js'

it.each([
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/busybox:pull"',
    {
      kind: 'bearer',
      realm: 'https://auth.docker.io/token',
      service: 'registry.docker.io',
      scope: 'repository:library/busybox:pull',
    },
  ],
  [
    'bearer realm="https://ghcr.io/token", service=ghcr.io',
    { kind: 'bearer', realm: 'https://ghcr.io/token', service: 'ghcr.io', scope: undefined },
  ],
  [
    'Basic realm="x", Bearer realm="https://r.test/token"',
    { kind: 'bearer', realm: 'https://r.test/token', service: undefined, scope: undefined },
  ],
  ['Basic realm="a registry"', { kind: 'basic' }],
  ['Bearer realm="no URL"', undefined],
  ['Negotiate', undefined],
  ['', undefined],
  [undefined, undefined],
])('a registry that answers with %j is understood', (header, expected) => {
  expect(parseChallenge(header)).toEqual(expected)
})
