import { afterEach, expect, test } from 'vitest'
import { leavingDocker } from '../../../src/runtimes/docker/leaving.js'
import { type ShimmedHost, shimmedHost } from '../../support/shimmed-host.js'

let host: ShimmedHost | undefined
afterEach(() => host?.remove())

/** A machine with these containers ("pod a", "other b") and units, whose programs note what they are asked. */
function machineWith(
  containers: readonly string[],
  units: Readonly<Record<string, string>>,
  processes: Readonly<Record<string, string>> = { '/proc/7/comm': 'dockerd\n' },
): ShimmedHost {
  const ids = (kind: string): string =>
    containers
      .filter((one) => one.startsWith(kind))
      .map((one) => one.split(' ')[1])
      .join('\n')
  const shims = {
    docker: `echo "docker $*" >>"$SHIMS/log"
[ -e "$SHIMS/root/proc/7/comm" ] || exit 1
case $* in
*--filter*) printf '%s\\n' '${ids('pod')}' ;;
'ps '*) printf '%s\\n' '${ids('')}' ;;
esac`,
    systemctl: `case $* in
*ActiveState*) case $* in ${Object.entries(units)
      .map(([unit, state]) => `*' ${unit}') echo ${state} ;;`)
      .join(' ')} *) echo inactive ;; esac ;;
is-enabled*) echo disabled; exit 1 ;;
*) echo "systemctl $*" >>"$SHIMS/log" ;;
esac`,
    asked: 'cat "$SHIMS/log" 2>/dev/null',
  }
  host = shimmedHost('w1', shims, processes)
  return host
}
const asked = async (of: ShimmedHost, script: string): Promise<string> => {
  const answer = await of.read({ script: `${script}\n` })
  expect(answer.stderr).toBe('')
  return answer.stdout.toString()
}

test('ends the containers of Pods, and Docker where nobody else runs anything on it', async () => {
  const of = machineWith(['pod a', 'pod b'], { 'docker.service': 'active', 'docker.socket': 'active' })
  expect(await asked(of, leavingDocker.lookScript)).toBe(
    'remove 2 containers of Pods\nstop and disable docker.socket\nstop and disable docker.service\n',
  )
  const ended = await asked(of, `( ${leavingDocker.endScript} ) || exit 1\nasked`)
  expect(ended).toContain('docker stop --time 10 a b\n')
  // a run that is cut here finds them again
  expect(ended).not.toContain('docker rm')
  const told = await asked(of, `( ${leavingDocker.script} ) || exit 1\nasked`)
  expect(told).toContain('docker rm -f -v a b\n')
  expect(told).toContain('systemctl disable --now --quiet -- docker.socket docker.service\n')
})

test('lets what others run there go on', async () => {
  const of = machineWith(['pod a', 'other c'], { 'docker.service': 'active' })
  expect(await asked(of, leavingDocker.lookScript)).toBe('remove 1 containers of Pods\n')
  const told = await asked(of, `( ${leavingDocker.script} ) || exit 1\nasked`)
  expect(told).toContain('docker rm -f -v a\n')
  expect(told).not.toContain('systemctl')
})

const shim = (namespace: string): Record<string, string> => ({
  '/proc/8/comm': 'containerd-shim\n',
  '/proc/8/cmdline': `/usr/bin/containerd-shim-runc-v2\0-namespace\0${namespace}\0-id\0x\0`,
})

test('has nothing to do where Docker was left, also beside containers of containerd’s own', async () => {
  expect(await asked(machineWith([], {}, {}), leavingDocker.lookScript)).toBe('')
  host?.remove()
  expect(await asked(machineWith([], {}, shim('k8s.io')), leavingDocker.lookScript)).toBe('')
})

test('does not take a Docker that does not answer for one that was left', async () => {
  const answer = await machineWith(['pod a'], {}, shim('moby')).read({ script: leavingDocker.lookScript })
  expect(answer.code).toBe(1)
})
