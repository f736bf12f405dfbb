import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { bridge } from '../../../src/networks/bridge/bridge.js'
import { flannel } from '../../../src/networks/flannel/flannel.js'
import { lookAtLinks } from '../../../src/preflight/links.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { clusterSpec } from '../../support/spec.js'

const bin = mkdtempSync(join(tmpdir(), 'ks-links-'))
afterAll(() => rmSync(bin, { recursive: true }))
// what ip of iproute2 6.1 prints
writeFileSync(
  join(bin, 'ip'),
  `#!/bin/sh
[ "$*" = '-force -batch -' ] || exit 9
while read -r route get address; do
  [ "$route $get" = 'route get' ] || exit 9
  case "$address" in
  10.88.0.22) echo "10.88.0.22 dev eth0 src 10.88.0.21 uid 0 "; echo "    cache " ;;
  10.99.0.11) echo "10.99.0.11 via 10.88.0.1 dev eth0 src 10.88.0.21 uid 0 "; echo "    cache " ;;
  *) echo "RTNETLINK answers: Network is unreachable" >&2; echo "Command failed -:1" >&2 ;;
  esac
done
`,
)
chmodSync(join(bin, 'ip'), 0o755)

const node = (name: string, address: string) => ({
  ...machine({ name, address, roles: [name === 'cp1' ? 'control-plane' : 'worker'] }),
  host: fakeHost(name, {
    answer: ({ script, args = [] }) => ({
      stdout: execFileSync('/bin/sh', ['-c', script, 'sh', ...args], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    }),
  }),
})
const machines = [node('cp1', '10.99.0.11'), node('w1', '10.88.0.21'), node('w2', '10.88.0.22')]
const onlyW1 = ({ spec }: { spec: { name: string } }): boolean => spec.name === 'w1'

it('tells who is behind a router, from the nodes that are asked', async () => {
  const context = contextOf(machines, { network: bridge })
  expect(await lookAtLinks(context, onlyW1)).toEqual(new Map([['w1', [{ to: 'cp1', via: '10.88.0.1' }]]]))
})

it('asks nobody where the network does not mind', async () => {
  const of = (backend: 'vxlan' | 'host-gw') =>
    lookAtLinks(
      contextOf(machines, { network: flannel, spec: clusterSpec({ flannel: { backend } }) }),
      onlyW1,
    )
  expect((await of('vxlan')).size).toBe(0)
  expect((await of('host-gw')).size).toBe(1)
})
