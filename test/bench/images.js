import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { directory, keys, on, several, takeDown } from './lab.js'
import { cpuSeconds, show, showCpu, time } from './measure.js'
import { mbit, small } from './options.js'
import { kubestrap, root, run } from './program.js'

const megabytes = small ? 50 : 500
const reference = 'docker.io/library/kubestrap-bench:1'

/**
 * What it costs to send an image to every machine at once, as `up` does it, against as many scp of the same file side by
 * side. A file that is kept (programs come so) compares with scp itself; an image is unpacked by the runtime besides, and
 * compares with scp and `ctr images import`.
 */
export async function images(runs) {
  const { inventory, machines } = several
  await takeDown()
  appendFileSync(
    inventory,
    '  packages: [docker.io, containernetworking-plugins, conntrack, ebtables, ethtool, socat]\n',
  )
  await kubestrap('lab', 'up', '-i', inventory)
  const all = (work) => Promise.all(machines.map(work))
  await all((machine) => on(machine, 'systemctl start containerd'))
  const shaped = ['root', 'tbf', 'rate', `${mbit}mbit`, 'burst', '256kb', 'latency', '100ms']
  if (mbit) await all(({ name }) => run('tc', ['qdisc', 'replace', 'dev', `vb-${name}`, ...shaped]))
  const archive = archiveOf(megabytes)
  const sides = await ours(inventory)
  const ways = {
    [`scp of ${megabytes} MB, ${machines.length} at once${mbit ? `, ${mbit} Mbit/s` : ''}`]: () =>
      all((machine) => scp(machine, archive.path)),
    'kubestrap, a file': () =>
      sides.all((host) => host.upload(archive.path, kept, { sha256: archive.sha256, mode: '0600' })),
    'scp, then ctr images import': () =>
      all(async (machine) => {
        await scp(machine, archive.path)
        await on(machine, `gzip -dc ${kept} | ctr -n k8s.io images import -`)
      }),
    'kubestrap, an image': () => sides.all((host) => sides.load(host, archive)),
  }
  const figures = new Map(Object.keys(ways).map((name) => [name, { times: [], cpu: [] }]))
  try {
    for (let i = 0; i < runs; i += 1)
      for (const [name, work] of Object.entries(ways)) {
        await all((machine) => on(machine, clean))
        const before = cpuSeconds()
        figures.get(name).times.push(await time(work))
        figures.get(name).cpu.push(cpuSeconds() - before)
      }
  } finally {
    await sides.close()
  }
  const [copied, sent, imported, loaded] = [...figures]
  for (const [[name, { times, cpu }], base] of [
    [copied],
    [sent, copied],
    [imported, copied],
    [loaded, copied],
  ]) {
    show(name, times, base?.[1].times)
    showCpu(name, cpu)
  }
  show(`${loaded[0]}, to scp and import`, loaded[1].times, imported[1].times)
}

const kept = '/var/lib/containerd/kubestrap-bench'
const clean = `rm -f ${kept}; ctr -n k8s.io images rm --sync ${reference} >/dev/null 2>&1; sync`

const scp = ({ address }, path) =>
  run('scp', [
    '-q',
    ...['BatchMode=yes', 'IdentitiesOnly=yes', `UserKnownHostsFile=${join(keys, 'known_hosts')}`].flatMap(
      (option) => ['-o', option],
    ),
    ...['-i', join(keys, 'id_ed25519'), path, `root@${address}:${kept}`],
  ])

/** The hosts as `up` has them: one connection each, its limits on streams, its way to send. */
async function ours(inventory) {
  const of = (path) => import(join(root, 'dist', path))
  const [{ loadInventory }, { openHost }, { image }, { Turns }, streams, { catalog, known }] =
    await Promise.all(
      [
        'inventory/load.js',
        'host/open-host.js',
        'resources/image.js',
        'lib/turns.js',
        'host/streams.js',
        'catalog.js',
      ].map(of),
    )
  const spec = await loadInventory(inventory, homedir(), known, 'look')
  const atOnce = streams.streamsAtOnce
  const turns = new Turns(atOnce, streams.streamsOfOne(atOnce, spec.hosts.length))
  const hosts = spec.hosts.map((host) => openHost(host, { streams: turns }))
  await Promise.all(hosts.map((host) => host.takeOver('bench')))
  const runtime = catalog.runtimeFor('containerd', '1.24', false)
  return {
    all: (work) => Promise.all(hosts.map(work)),
    load: (host, { path, sha256, size, id }) =>
      image(host, runtime, { reference, id, source: path, sha256, size, present: async () => [] }).apply([], {
        progress: () => {},
      }),
    close: () => Promise.all(hosts.map((host) => host.close())),
  }
}

/** An archive of an image with one large file that hardly compresses, as those of bundles; made once. */
function archiveOf(size) {
  const place = join(directory, `image-${size}`)
  const path = `${place}.tar.gz`
  const digest = (data) => createHash('sha256').update(data).digest('hex')
  if (!existsSync(path)) {
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'large'), randomBytes(size * 1_000_000))
    execFileSync('tar', ['-C', place, '-cf', join(place, 'layer.tar'), 'large'])
    const layer = digest(readFileSync(join(place, 'layer.tar')))
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    })
    writeFileSync(join(place, 'config.json'), config)
    writeFileSync(
      join(place, 'manifest.json'),
      JSON.stringify([{ Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] }]),
    )
    execFileSync('sh', [
      '-c',
      `tar -C "$1" -c manifest.json config.json layer.tar | gzip -1 >"$2"`,
      'sh',
      place,
      path,
    ])
    rmSync(place, { recursive: true })
  }
  return { path, size: statSync(path).size, sha256: digest(readFileSync(path)), id: 'sha256:0' }
}
