import { describe, expect, it } from 'vitest'
import { Secret } from '../../../../src/lib/secret.js'
import type { Registry } from '../../../../src/runtimes/registry.js'
import { imageServers } from '../../../../src/workflows/bundle/image-servers.js'

const plain: Registry['own'] = { ca: undefined, skipVerify: false, auth: undefined }
const auth = { username: 'robot', password: new Secret('a password of some length') }
const registry = (name: string, mirrors: readonly string[], more: Partial<Registry> = {}): Registry => ({
  name,
  fallback: true,
  own: plain,
  mirrors: mirrors.map((url) => ({ ...plain, url })),
  ...more,
})
const bases = (name: string, registries: readonly Registry[]): string[] =>
  imageServers(name, registries).map(({ base }) => base)

describe('who is asked for images', () => {
  it('is the registry itself, Docker Hub by the name it serves at', () => {
    expect(bases('registry.k8s.io', [])).toEqual(['https://registry.k8s.io/v2'])
    expect(bases('docker.io', [])).toEqual(['https://registry-1.docker.io/v2'])
  })

  it('are mirrors first, a path below /v2 as it is, and the registry last', () => {
    const told = [registry('docker.io', ['https://m.test', 'https://h.test/v2/hub', 'https://n.test/path'])]
    expect(bases('docker.io', told)).toEqual([
      'https://m.test/v2',
      'https://h.test/v2/hub',
      'https://n.test/path/v2',
      'https://registry-1.docker.io/v2',
    ])
    expect(imageServers('docker.io', told).map(({ mirrorOf }) => mirrorOf)).toEqual([
      'docker.io',
      'docker.io',
      'docker.io',
      undefined,
    ])
  })

  it('is not the registry where that must not be asked', () => {
    expect(bases('r.test', [registry('*', ['https://m.test'], { fallback: false })])).toEqual([
      'https://m.test/v2',
    ])
  })

  it('is a registry that is named, whatever "*" says: the runtime reads the directory of one name alone', () => {
    const all = registry('*', ['https://m.test'], { fallback: false })
    const own = { ca: 'PEM', skipVerify: false, auth: undefined }
    expect(bases('r.test', [all, registry('r.test', [], { own })])).toEqual(['https://r.test/v2'])
    expect(bases('s.test', [all, registry('r.test', [], { own })])).toEqual(['https://m.test/v2'])
  })

  it('are reached as the inventory says, each by its own name', () => {
    const told = [registry('r.test', [], { own: { ca: 'PEM', skipVerify: false, auth } }), registry('*', [])]
    expect(imageServers('r.test', told)).toEqual([
      { base: 'https://r.test/v2', ca: 'PEM', skipVerify: false, auth },
    ])
  })
})
