import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fromDockershim } from '../../../src/runtimes/docker/handing-over.js'
import { type ShimmedHost, shimmedHost } from '../../support/shimmed-host.js'

let host: ShimmedHost | undefined
afterEach(() => host?.remove())

const records = '/var/lib/dockershim/sandbox'
const record = (data: string): string =>
  `{"version":"v1","name":"x","namespace":"default","data":{${data}},"checksum":7}`
const port = (number: number): string =>
  `"port_mappings":[{"protocol":"tcp","container_port":80,"host_port":${number},"host_ip":""}]`

/** A machine with sandboxes of dockershim, whose Docker has their containers and notes what it is asked. */
function machineWith(
  sandboxes: Readonly<Record<string, string>>,
  kubelet = '/usr/bin/kubelet\0--network-plugin=cni\0',
) {
  const docker = `echo "docker $*" >>"$SHIMS/log"
case $* in
*sandbox.id=*) echo "in-\${*##*=}" ;;
'ps '*) printf '%s\\n' a b d ;;
esac`
  host = shimmedHost(
    'w1',
    { docker, asked: 'cat "$SHIMS/log" 2>/dev/null' },
    {
      ...Object.fromEntries(
        Object.entries(sandboxes).map(([id, data]) => [`${records}/${id}`, record(data)]),
      ),
      ...(kubelet ? { '/proc/7/comm': 'kubelet\n', '/proc/7/cmdline': kubelet } : {}),
    },
  )
  return host
}
const asked = async (of: ShimmedHost, script: string): Promise<string> => {
  const answer = await of.read({ script: `${script}\n` })
  expect([answer.code, answer.stderr]).toEqual([0, ''])
  return answer.stdout.toString()
}
const sandboxes = {
  a: port(18080),
  b: port(0),
  c: port(80), // its container is gone
  d: `${port(2379)},"host_network":true`,
}

describe('what dockershim leaves to cri-dockerd', () => {
  test.each([
    ['runs', '/usr/bin/kubelet\0--network-plugin=cni\0'],
    ['was stopped by a run that was cut', ''],
  ])('is its records, and Pods with host ports, where the kubelet %s', async (_what, kubelet) => {
    const of = machineWith(sandboxes, kubelet)
    const todo = 'restart 1 Pods with host ports\nremove the records of dockershim\n'
    expect(await asked(of, fromDockershim.lookScript)).toBe(todo)
    expect(await asked(of, fromDockershim.endScript)).toBe('a\n')
    expect(await asked(of, fromDockershim.lookScript)).toBe(todo)
    const told = await asked(of, `( ${fromDockershim.script} ) || exit 1\nasked`)
    expect(told.match(/^docker (?:stop|rm).*/gm)).toEqual([
      'docker stop --time 10 in-a a',
      'docker rm -f -v in-a a',
    ])
    expect(existsSync(join(of.root, records))).toBe(false)
    expect(await asked(of, fromDockershim.lookScript)).toBe('')
  })

  test('is nothing where the kubelet is told a socket, whatever lies there', async () => {
    const of = machineWith(
      sandboxes,
      '/usr/bin/kubelet\0--container-runtime-endpoint=unix:///var/run/cri-dockerd.sock\0',
    )
    expect(await asked(of, `( ${fromDockershim.lookScript} )\nasked || :`)).toBe('')
  })

  test('is nothing where there are no records, and Docker is not asked', async () => {
    expect(await asked(machineWith({}), `( ${fromDockershim.lookScript} )\nasked || :`)).toBe('')
  })
})
