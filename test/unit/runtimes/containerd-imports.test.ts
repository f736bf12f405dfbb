import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { type Imported, importedFiles, importsScript } from '../../../src/runtimes/containerd/imports.js'
import { refuseImports, type Wanted } from '../../../src/runtimes/containerd/refuse-imports.js'
import { machine } from '../../support/context.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const main = '/etc/containerd/config.toml'

/** The files that a host's config.toml imports. */
async function imported(files: Record<string, string>): Promise<Imported[]> {
  const host = shimmedHost('w1', {}, files)
  try {
    const answer = await host.read({ script: importsScript, args: [main] })
    const text = (() => {
      try {
        return readFileSync(join(host.root, main), 'utf8').replaceAll(host.root, '')
      } catch {
        return ''
      }
    })()
    return importedFiles(answer.stdout.toString(), { path: main, text }, 'w1')
  } finally {
    host.remove()
  }
}

describe('what config.toml imports', () => {
  test('is found as containerd finds it: in order, once, relative to the file, by patterns, and by what is imported', async () => {
    const found = await imported({
      [main]: `version = 2 # two\n"imports" = [ # "/no.toml"\n  "/etc/containerd/conf.d/*.toml", 'own.toml',\n"/gone.toml"]\n[plugins]\nimports = ["/not/this.toml"]\n`,
      '/etc/containerd/conf.d/b.toml': 'imports = ["../more/c.toml"]\n',
      '/etc/containerd/conf.d/a.toml': 'root = "a"\n',
      '/etc/containerd/conf.d/.hidden.toml': '',
      '/etc/containerd/conf.d/other.conf': 'root = "no"\n',
      '/etc/containerd/own.toml': 'imports = ["/etc/containerd/config.toml"]\n',
      '/etc/containerd/more/c.toml': 'root = """\n@end\n@file x\n"""\n',
    })
    expect(found.map(({ path }) => path.replace(/conf\.d\/\.\.\//, ''))).toEqual([
      '/etc/containerd/conf.d/a.toml',
      '/etc/containerd/conf.d/b.toml',
      '/etc/containerd/conf.d/.hidden.toml',
      '/etc/containerd/own.toml',
      '/etc/containerd/more/c.toml',
    ])
    expect(found.at(-1)?.table.root).toBe('@end\n@file x\n')
  })

  test.each([
    ['no file', {}],
    ['nothing', { [main]: 'version = 2\n' }],
    ['an empty list', { [main]: 'imports = []\n' }],
  ])('is nothing where there is %s', async (_, files) => {
    expect(await imported(files)).toEqual([])
  })

  test('is no answer where it is cut, or an entry is written as the script does not read it', async () => {
    expect(() => importedFiles('@file /x\n', { path: main, text: '' }, 'w1')).toThrow('cut short')
    await expect(imported({ [main]: 'imports = ["/etc/\\u0061.toml"]\n' })).rejects.toThrow(
      '"/etc/a.toml" is not found',
    )
  })

  test('that is no TOML is named', async () => {
    const files = { [main]: 'imports = ["x.toml"]\n', '/etc/containerd/x.toml': 'what\n' }
    await expect(imported(files)).rejects.toMatchObject({
      host: 'w1',
      message: expect.stringContaining('x.toml'),
    })
  })
})

const wanted: Wanted = { cgroupDriver: 'systemd', pauseImage: 'pause:1', registries: false, major: 2 }
const v2 = (cri: object) => ({ plugins: { 'io.containerd.grpc.v1.cri': cri } })
const images = (cri: object) => ({ plugins: { 'io.containerd.cri.v1.images': cri } })
const runtime = (cri: object) => ({ plugins: { 'io.containerd.cri.v1.runtime': cri } })
const runc = (SystemdCgroup: boolean) => ({
  containerd: { runtimes: { runc: { options: { SystemdCgroup } } } },
})
/** What is said of a file with this; undefined when it is let be. */
function refused(table: Record<string, unknown>, over: Partial<Wanted> = {}): string | undefined {
  try {
    refuseImports([{ path: '/etc/containerd/conf.d/x.toml', table }], { ...wanted, ...over }, 'w1')
    return undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect(error).toMatchObject({
      kind: 'step',
      host: 'w1',
      next: expect.stringContaining('/etc/containerd/conf.d/x.toml'),
    })
    return `${error.message}: ${error.why}`
  }
}

describe('an imported file', () => {
  test.each<[string, Record<string, unknown>, Partial<Wanted>]>([
    ['the pause image', v2({ sandbox_image: 'other' }), {}],
    ['the pause image', images({ pinned_images: { sandbox: 'other' } }), {}],
    ['the cgroup driver', v2(runc(false)), {}],
    ['the cgroup driver', runtime(runc(true)), { cgroupDriver: 'cgroupfs' }],
    ['the directories of CNI', v2({ cni: { bin_dir: '/usr/lib/cni' } }), {}],
    ['the directories of CNI', runtime({ cni: { conf_dir: '/else' } }), {}],
    ['the registries', images({ registry: { config_path: '/else' } }), { registries: true }],
    ['the registries', v2({ registry: { mirrors: { 'docker.io': {} } } }), {}],
    ['disabled_plugins', { disabled_plugins: ['x', 'io.containerd.grpc.v1.cri'] }, {}],
  ])('that overrides %s is refused (%j)', (what, table, over) => {
    expect(refused(table, over)).toContain(
      `x.toml overrides ${what}, which /etc/containerd/config.toml needs to set`,
    )
  })

  test.each<[string, Record<string, unknown>, Partial<Wanted>]>([
    [
      'says the same',
      v2({ sandbox_image: 'pause:1', ...runc(true), cni: { bin_dir: '/opt/cni/bin' } }),
      { major: 1 },
    ],
    [
      'is about something else',
      { root: '/x', plugins: { 'io.containerd.gc.v1.scheduler': { x: 1 } } },
      { major: 1 },
    ],
    ['adds to a section, with containerd 2', v2({ enable_selinux: true }), {}],
    [
      'has a directory of registries, and the inventory has none',
      images({ registry: { config_path: '/else' } }),
      {},
    ],
    [
      'has the directory among others',
      images({ registry: { config_path: '/etc/containerd/certs.d:/x' } }),
      { registries: true },
    ],
    ['disables another plug-in', { disabled_plugins: ['io.containerd.snapshotter.v1.zfs'] }, {}],
  ])('that %s is let be', (_, table, over) => {
    expect(refused(table, over)).toBeUndefined()
  })

  test('that adds to a section has all of it replaced with containerd 1, or one that is not known', () => {
    const why = 'without sandbox_image, and containerd 1 replaces the whole section'
    expect(refused(v2({ enable_selinux: true }), { major: 1 })).toContain(why)
    expect(refused(v2({ enable_selinux: true }), { major: undefined })).toContain(why)
    const most = { sandbox_image: 'pause:1' }
    expect(refused(v2(most), { major: 1 })).toContain('SystemdCgroup')
    expect(refused(v2(most), { major: 1, cgroupDriver: 'cgroupfs' })).toBeUndefined()
    expect(refused(v2(most), { major: 1, cgroupDriver: 'cgroupfs', registries: true })).toContain(
      'config_path',
    )
  })
})

describe("containerd's step", () => {
  const planned = async (files: Record<string, string>, cat = '') => {
    const own = machine()
    const shims = { containerd: 'echo containerd containerd.io v1.7.24 x', ...(cat ? { sed: cat } : {}) }
    const host = shimmedHost('cp1', shims, files)
    // questions about files are answered by the fake host: its text of config.toml
    host.files.set(main, files[main] ?? '')
    try {
      const step = containerd
        .configuration({ ...own, host }, { pauseImage: 'pause:1', registries: [] })
        .find(({ id }) => id === `edit:${main}`)
      if (!step) throw new Error('no step')
      expect(step.guards).toBe(true)
      return step.diff(await step.probe())
    } finally {
      host.remove()
    }
  }
  const imports = 'version = 2\nimports = ["conf.d/*.toml"]\n'

  test('edits config.toml where nothing imported is in the way', async () => {
    const changes = await planned({ [main]: imports, '/etc/containerd/conf.d/x.toml': 'oom_score = -999\n' })
    expect(changes).toHaveLength(1)
    expect(changes[0]?.diff).toContain('sandbox_image')
  })

  test('refuses before anything is changed what an imported file overrides', async () => {
    const files = {
      [main]: imports,
      '/etc/containerd/conf.d/x.toml': '[plugins."io.containerd.grpc.v1.cri"]\nsandbox_image = "mine"\n',
    }
    await expect(planned(files)).rejects.toMatchObject({
      message:
        '/etc/containerd/conf.d/x.toml overrides the pause image, which /etc/containerd/config.toml needs to set',
      why: expect.stringContaining('"mine"'),
    })
  })

  test('is not decided where an imported file cannot be read', async () => {
    const files = { [main]: imports, '/etc/containerd/conf.d/x.toml': 'x = 1\n' }
    await expect(planned(files, 'echo "Input/output error" >&2; exit 4')).rejects.toMatchObject({
      message: `cannot look at what ${main} depends on`,
      why: 'Input/output error\n',
    })
  })
})
