import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { withContainerdSettings } from '../../../src/runtimes/containerd/config-toml.js'

const settings = { cgroupDriver: 'systemd', pauseImage: 'registry.k8s.io/pause:3.10' } as const
const edit = (text: string): string => withContainerdSettings(text, settings, 'cp1')

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
        'io.containerd.cri.v1.images': { pinned_images: { sandbox: settings.pauseImage } },
        'io.containerd.cri.v1.runtime': {
          containerd: {
            runtimes: { runc: { runtime_type: 'io.containerd.runc.v2', options: { SystemdCgroup: true } } },
          },
        },
      },
    })
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
