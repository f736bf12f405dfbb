import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { bridge, directory, many, on } from './lab.js'
import { cpuSeconds, show, showCpu, time } from './measure.js'
import { mbit, small } from './options.js'
import { kubestrap, root, run } from './program.js'

const megabytes = small ? 50 : 500
const kept = '/var/lib/kubestrap-bench'

/**
 * What it costs to bring one file to twenty machines: all of it from this computer, or from host to host; by turns. With
 * --mbit this computer's own line bears so much, while machines reach each other over the bridge as before.
 */
export async function fanOut(runs) {
  const { inventory, machines } = many
  await kubestrap('lab', 'down', '-i', inventory)
  await kubestrap('lab', 'up', '-i', inventory)
  const all = (work) => Promise.all(machines.map(work))
  // what leaves this computer for the machines; what they send each other goes from port to port
  const line = ['root', 'tbf', 'rate', `${mbit}mbit`, 'burst', '1mb', 'latency', '100ms']
  if (mbit) await run('tc', ['qdisc', 'replace', 'dev', bridge, ...line])
  const path = join(directory, `file-${megabytes}`)
  if (!existsSync(path)) writeFileSync(path, randomBytes(megabytes * 1_000_000))
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  const ways = {
    [`${megabytes} MB to ${machines.length} machines from here${mbit ? `, ${mbit} Mbit/s` : ''}`]: false,
    'from host to host': true,
  }
  const figures = new Map(Object.keys(ways).map((name) => [name, { times: [], cpu: [], sent: [] }]))
  for (let i = 0; i < runs; i += 1)
    for (const [name, between] of Object.entries(ways)) {
      await all((machine) => on(machine, `rm -f ${kept}; sync`))
      const sides = await ours(inventory, between)
      const before = { cpu: cpuSeconds(), sent: bytesSent() }
      const { times, cpu, sent } = figures.get(name)
      try {
        times.push(await time(() => sides.send(path, sha256, megabytes * 1_000_000)))
        cpu.push(cpuSeconds() - before.cpu)
        sent.push(Math.round((bytesSent() - before.sent) / 1_000_000))
      } finally {
        await sides.close()
      }
    }
  await all((machine) => on(machine, `test "$(sha256sum <${kept})" = '${sha256}  -'; rm ${kept}`))
  const [base] = figures.values()
  for (const [name, { times, cpu, sent }] of figures) {
    show(name, times, times === base.times ? undefined : base.times)
    showCpu(name, cpu)
    console.log(`${name}: ${sent.join(', ')} MB from this computer`)
  }
}

/** Bytes that this computer has sent into the network of the machines. */
const bytesSent = () =>
  Number(execFileSync('cat', [`/sys/class/net/${bridge}/statistics/tx_bytes`]).toString())

/** The hosts as `up` has them, with what they give on to each other or without. */
async function ours(inventory, between) {
  const of = (path) => import(join(root, 'dist', path))
  const [{ loadInventory }, { openHost }, { Turns }, streams, { known }, { Transfers }, { peerAddresses }] =
    await Promise.all(
      [
        'inventory/load.js',
        'host/open-host.js',
        'lib/turns.js',
        'host/streams.js',
        'catalog.js',
        'host/transfer/transfers.js',
        'host/transfer/peer-addresses.js',
      ].map(of),
    )
  const spec = await loadInventory(inventory, homedir(), known, 'look')
  const atOnce = streams.streamsAtOnce
  const turns = new Turns(atOnce, streams.streamsOfOne(atOnce, spec.hosts.length))
  const transfers = new Transfers(between ? peerAddresses(spec.hosts) : new Map())
  const hosts = spec.hosts.map((host) => openHost(host, { streams: turns, transfers }))
  await Promise.all(hosts.map((host) => host.takeOver('bench')))
  return {
    send: async (path, sha256, bytes) => {
      transfers.begin([{ sha256, bytes, hosts: hosts.map(({ name }) => name) }], (text) => console.log(text))
      await Promise.all(hosts.map((host) => host.upload(path, kept, { sha256, mode: '0600' })))
      await transfers.end()
    },
    close: () => Promise.all(hosts.map((host) => host.close())),
  }
}
