import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Late } from '../../src/engine/late.js'
import type { Host } from '../../src/host/host.js'
import { routeFile } from '../../src/networks/bridge/route-table.js'
import { routes } from '../../src/networks/bridge/routes.js'
import { applyNow } from '../support/apply-now.js'
import { type NetworkNamespace, networkNamespace, whyNoNamespaces } from '../support/network-namespace.js'

const reason = whyNoNamespaces('ip')

// The scripts of the step and of the unit, on a kernel of their own.
describe.skipIf(reason !== undefined)(`routes to Pods${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'kubestrap-routes-'))
  const file = join(directory, 'routes', '_nodes')
  let namespace: NetworkNamespace
  let host: Host
  beforeAll(async () => {
    namespace = await networkNamespace()
    namespace.sh(
      'ip link add eth0 type veth peer name eth1 && ip addr add 10.88.0.1/24 dev eth0 && ip link set eth0 up && ip link set eth1 up',
    )
    const moved = <T extends { args?: readonly string[] }>(command: T): T => ({
      ...command,
      args: (command.args ?? []).map((arg) => (arg === routeFile ? file : arg)),
    })
    host = {
      ...namespace.host,
      read: (question) => namespace.host.read(moved(question)),
      mutate: (command) => namespace.host.mutate(moved(command)),
      write: async ({ path, content }) => {
        expect(path).toBe(routeFile)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, content.toString())
      },
    }
  })
  afterAll(() => {
    namespace?.remove()
    rmSync(directory, { recursive: true })
  })

  const converge = async (subnets: Readonly<Record<string, string>>, members: string[] = []) => {
    const nodes = Object.entries(subnets).map(([name, cidr], i) => {
      const podCidr = new Late<string>(name)
      if (cidr !== '') podCidr.set(cidr)
      return { name, address: name === 'far' ? '192.0.2.1' : `10.88.0.${i + 2}`, podCidr, knownAfter: '' }
    })
    const names = Object.keys(subnets)
    const step = routes(
      host,
      { nodes, names },
      {
        podSubnet: '10.244.0.0/16',
        flannel: { backend: 'vxlan' },
        members: async () => members,
        inventory: new Set(names),
        chosen: undefined,
        allKnownAfter: '',
      },
      [],
    )
    const changes = await applyNow(step)
    return { changes: changes.map(({ summary }) => summary), left: step.diff(await step.probe()) }
  }
  const kernel = () =>
    namespace
      .sh('ip route show')
      .split('\n')
      .filter((line) => line.includes(' via '))
      .map((line) => line.split(' ').slice(0, 3).join(' '))
      .sort()

  test('are made, and found', async () => {
    expect(await converge({ a: '10.244.1.0/24', b: '10.244.2.0/24', c: '' })).toMatchObject({ left: [] })
    expect(kernel()).toEqual(['10.244.1.0/24 via 10.88.0.2', '10.244.2.0/24 via 10.88.0.3'])
    expect(readFileSync(file, 'utf8')).toBe('10.244.1.0/24 10.88.0.2 a\n10.244.2.0/24 10.88.0.3 b\n')
    expect(await converge({ a: '10.244.1.0/24', b: '10.244.2.0/24' })).toEqual({ changes: [], left: [] })
  })

  test('come again where the kernel lost them', async () => {
    namespace.sh('ip route del 10.244.2.0/24')
    expect(await converge({ a: '10.244.1.0/24', b: '10.244.2.0/24' })).toEqual({
      changes: ['route 10.244.2.0/24 via 10.88.0.3'],
      left: [],
    })
  })

  test('follow a node that joined anew, whose subnet may now be another node’s', async () => {
    expect((await converge({ a: '10.244.2.0/24', b: '10.244.7.0/24' })).left).toEqual([])
    expect(kernel()).toEqual(['10.244.2.0/24 via 10.88.0.2', '10.244.7.0/24 via 10.88.0.3'])
  })

  test('go with their nodes, and stay with those of others', async () => {
    expect((await converge({ a: '10.244.2.0/24' }, ['a', 'b'])).changes).toEqual([])
    expect(await converge({ a: '10.244.2.0/24' }, ['a'])).toEqual({
      changes: ['remove the route to 10.244.7.0/24, the Pods of b'],
      left: [],
    })
    expect(kernel()).toEqual(['10.244.2.0/24 via 10.88.0.2'])
  })

  test('of version 0.1.0, a file each, are taken over', async () => {
    rmSync(file)
    writeFileSync(join(dirname(file), 'a'), '10.244.2.0/24 10.88.0.2\n')
    expect((await converge({ a: '10.244.2.0/24' })).left).toEqual([])
    expect(readdirSync(dirname(file))).toEqual(['_nodes'])
  })

  test('that the kernel refuses fail in its words, and keep no other', async () => {
    const refused = converge({ x: '10.244.3.0/24', far: '10.244.2.0/24', b: '10.244.4.0/24' })
    await expect(refused).rejects.toThrow(/exit 1.*(?:gateway|unreachable)/s)
    expect(kernel()).toContain('10.244.4.0/24 via 10.88.0.4')
  })

  test('are there again after a start, from files of either form', () => {
    writeFileSync(file, '10.244.1.0/24 10.88.0.2 a\n10.244.2.0/24 10.88.0.3 b\n')
    writeFileSync(join(dirname(file), 'c'), '10.244.3.0/24 10.88.0.4\n')
    writeFileSync(join(directory, 'pod-subnet'), '10.244.0.0/16\n')
    const script = readFileSync(new URL('../../templates/bridge/bridge-network.sh', import.meta.url), 'utf8')
      .replace('/etc/kubestrap/bridge', directory)
      .replaceAll('iptables -w', 'true')
    const three = [
      '10.244.1.0/24 via 10.88.0.2',
      '10.244.2.0/24 via 10.88.0.3',
      '10.244.3.0/24 via 10.88.0.4',
    ]
    namespace.sh('ip route flush root 10.244.0.0/16')
    namespace.sh(`set -- start\n${script}`)
    expect(kernel()).toEqual(three)
    namespace.sh(`set -- stop\n${script.replaceAll('while true', 'while false')}`)
    expect(kernel()).toEqual([])
    expect(existsSync(routeFile)).toBe(false)
  })
})
