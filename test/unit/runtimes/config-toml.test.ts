import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import {
  type ContainerdSettings,
  withContainerdSettings,
} from '../../../src/runtimes/containerd/config-toml.js'

const settings: ContainerdSettings = {
  cgroupDriver: 'systemd',
  pauseImage: 'registry.k8s.io/pause:3.10',
  major: undefined,
  registries: false,
}
const edit = (text: string, over: Partial<ContainerdSettings> = {}): string =>
  withContainerdSettings(text, { ...settings, ...over }, 'cp1')
const certsDirectory = { config_path: '/etc/containerd/certs.d' }

/** As Debian 12's package brings it. */
const debian = `version = 2

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "/var/lib/containerd"
`

describe('the configuration of containerd', () => {
  test.each([
    ['no file', ''],
    ["Debian's", debian],
    ["Docker's, which turns CRI off", 'disabled_plugins = ["cri"]\n'],
  ])('from %s has CRI on, the pause image, the cgroup driver and the places of CNI', (_from, text) => {
    const made = parse(edit(text))
    expect(made).toMatchObject({
      version: 2,
      plugins: {
        'io.containerd.grpc.v1.cri': {
          sandbox_image: settings.pauseImage,
          registry: certsDirectory,
          cni: { bin_dir: '/opt/cni/bin', conf_dir: '/etc/cni/net.d' },
          containerd: {
            runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: true } } },
          },
        },
      },
    })
    expect(made.disabled_plugins ?? []).toEqual([])
  })

  test('keeps what else the user has set', () => {
    const own = `${debian}
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
endpoint = ["https://mirror.example"]
[debug]
level = "debug"
`
    const made = parse(edit(own))
    expect(made).toMatchObject({
      debug: { level: 'debug' },
      plugins: {
        'io.containerd.internal.v1.opt': { path: '/var/lib/containerd' },
        'io.containerd.grpc.v1.cri': {
          registry: { mirrors: { 'docker.io': { endpoint: ['https://mirror.example'] } } },
        },
      },
    })
  })

  test('uses the names of version 3 in a file that has it', () => {
    const made = parse(edit('version = 3\n'))
    expect(made).toEqual({
      version: 3,
      plugins: {
        'io.containerd.cri.v1.images': {
          pinned_images: { sandbox: settings.pauseImage },
          registry: certsDirectory,
        },
        'io.containerd.cri.v1.runtime': {
          containerd: {
            runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: true } } },
          },
        },
      },
    })
  })

  test.each([
    ['containerd 1', 1, 2],
    ['containerd 2', 2, 3],
    ['a containerd nobody knows the version of', undefined, 2],
  ])('has the layout of %s where there is none yet', (_what, major, version) => {
    expect(parse(edit('', { major })).version).toBe(version)
    expect(parse(edit(debian, { major })).version).toBe(2)
  })

  test('refuses the layout of containerd 2 for containerd 1, which would not start with it', () => {
    expect(() => edit('version = 3\n', { major: 1 })).toThrowError('layout of containerd 2')
    expect(parse(edit('version = 3\n', { major: 2 })).version).toBe(3)
  })

  test('finds the plug-ins of CNI where we put them, also in lists of places of a user’s', () => {
    const cni = (text: string): unknown =>
      parse(edit(`version = 3\n[plugins."io.containerd.cri.v1.runtime".cni]\n${text}`))
    expect(cni('bin_dirs = ["/usr/lib/cni"]')).toMatchObject({
      plugins: { 'io.containerd.cri.v1.runtime': { cni: { bin_dirs: ['/usr/lib/cni', '/opt/cni/bin'] } } },
    })
    expect(cni('bin_dir = "/usr/lib/cni"\nconf_dir = "/x"')).toMatchObject({
      plugins: {
        'io.containerd.cri.v1.runtime': { cni: { bin_dir: '/opt/cni/bin', conf_dir: '/etc/cni/net.d' } },
      },
    })
  })

  const registry = (text: string, over: Partial<ContainerdSettings> = {}): unknown =>
    Reflect.get(
      Object(
        Reflect.get(
          Object(
            parse(edit(`version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n${text}`, over)).plugins,
          ),
          'io.containerd.grpc.v1.cri',
        ),
      ),
      'registry',
    )

  test('looks for registries in our directory, then in those of a user', () => {
    expect(registry('')).toEqual(certsDirectory)
    expect(registry('config_path = "/a:/b"')).toEqual({ config_path: '/etc/containerd/certs.d:/a:/b' })
    expect(registry('config_path = "/a:/etc/containerd/certs.d"')).toEqual({
      config_path: '/a:/etc/containerd/certs.d',
    })
  })

  test('leaves mirrors in the old way alone, beside which containerd takes no directory', () => {
    const old = '[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]\nendpoint = ["https://m"]'
    expect(registry(old)).toEqual({ mirrors: { 'docker.io': { endpoint: ['https://m'] } } })
    expect(() => registry(old, { registries: true })).toThrowError('configures registries (registry.mirrors)')
    const tls =
      '[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example".tls]\ninsecure_skip_verify = true'
    expect(() => registry(tls, { registries: true })).toThrowError('registry.configs.….tls')
    const auth = '[plugins."io.containerd.grpc.v1.cri".registry.configs."r.example".auth]\nusername = "me"'
    expect(registry(auth, { registries: true })).toMatchObject(certsDirectory)
  })

  test.each([
    ['not TOML', 'a = [', 'cannot be read as TOML'],
    ['version 1', 'version = 1\n', 'version 1'],
    ['version 1, unsaid', '[plugins.cri]\nsandbox_image = "x"\n', 'version 1'],
  ])('refuses what it cannot keep: %s', (_what, text, words) => {
    expect(() => edit(text)).toThrowError(UserError)
    expect(() => edit(text)).toThrowError(words)
  })

  test('leaves a file alone that says it all already, comments included', () => {
    const once = `# mine\n${edit(debian)}`
    expect(edit(once)).toBe(once)
  })

  test('is idempotent, whatever else a file holds', () => {
    const key = fc
      .stringMatching(/^[a-z_]{1,8}$/)
      .filter((name) => !['version', 'plugins', '__proto__'].includes(name))
    const value = fc.oneof(fc.string(), fc.integer({ min: 0, max: 1e6 }), fc.boolean(), fc.array(fc.string()))
    const table = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value)))
    fc.assert(
      fc.property(table, (own) => {
        const once = edit(stringify({ version: 2, ...own }))
        expect(edit(once)).toBe(once)
        expect(parse(once)).toMatchObject(own)
      }),
    )
  })
})
