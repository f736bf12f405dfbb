import { join } from 'node:path'
import { root } from '../bench/program.js'
import { answer, must, sleep, start } from './program.js'
import { crossing, mustBeSlow } from './slowness.js'

/**
 * A class of faults.
 * @typedef {object} Class
 * @property {boolean} [first] it is there before the run begins; else it comes when the run is somewhere in the middle
 * @property {boolean} [tells] a run that fails of it must name the host
 * @property {RegExp} [cause] and say this
 * @property {(lab: import('./lab.js').Lab, victim: object, run: object) => unknown} begin what may end by itself when this ends
 * @property {(lab: import('./lab.js').Lab) => Promise<string>} [holds] measures whether it is there, when it has begun and again when the
 *   run has ended; throws when it is not
 * @property {(lab: import('./lab.js').Lab, victim: object) => unknown} [mend] also when `begin` did nothing
 */

const helpers = new Map()
/** A program beside the run, ended by `endHelper`. */
function helper(name, program, args) {
  const child = start(program, args, ['ignore', 'pipe', 'inherit'])
  helpers.set(name, child)
  return new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('close', (code) => reject(new Error(`${program} ended with ${code}`)))
  })
}
async function endHelper(name) {
  const child = helpers.get(name)
  helpers.delete(name)
  if (!child || child.exitCode !== null) return
  const gone = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await gone
}

const fill =
  'sync; fallocate -l "$(df --output=avail -B1 . | tail -n 1)" chaos-full 2>/dev/null; cat /dev/zero >>chaos-full 2>/dev/null; sync'

/** @type {Readonly<Record<string, Class>>} */
export const classes = {
  sigkill: { begin: (_lab, _victim, run) => run.kill('SIGKILL') },
  sigint: { begin: (_lab, _victim, run) => run.kill('SIGINT') },
  power: { begin: (lab, victim) => lab.power(victim) },
  reboot: { begin: (lab, victim) => lab.reboot(victim) },
  network: {
    begin: async (lab, victim) => {
      await must('ip', ['link', 'set', lab.link(victim), 'down'])
      await sleep(10_000)
      await must('ip', ['link', 'set', lab.link(victim), 'up'])
    },
    mend: (lab, victim) => answer('ip', ['link', 'set', lab.link(victim), 'up']),
  },
  slow: {
    first: true,
    // frames to and from each machine wait 50 ms, so that an answer takes 100 (between two machines 200), and one in a hundred is lost
    begin: async (lab) => {
      for (const one of lab.machines) {
        await lab.inside(one, 'ethtool -K host0 tx off tso off gso off gro off >/dev/null 2>&1 || :')
        await must('ip', ['link', 'set', lab.link(one), 'nomaster'])
        await helper(`slow ${one.name}`, 'python3', [
          join(root, 'test/chaos/slow.py'),
          ...[lab.link(one), `sl-${one.name}`, lab.bridge, String(crossing.seconds), String(crossing.loss)],
        ])
      }
    },
    holds: mustBeSlow,
    mend: async (lab) => {
      for (const one of lab.machines) {
        await endHelper(`slow ${one.name}`)
        await must('ip', ['link', 'set', lab.link(one), 'master', lab.bridge])
      }
    },
  },
  'sshd-limits': {
    first: true,
    begin: (lab) =>
      inAll(
        lab,
        'printf "MaxSessions 1\\nMaxStartups 3\\n" >/etc/ssh/sshd_config.d/chaos.conf; systemctl restart ssh',
      ),
    mend: (lab) => inAll(lab, 'rm -f /etc/ssh/sshd_config.d/chaos.conf; systemctl restart ssh'),
  },
  'disk-full-var': {
    tells: true,
    // one that is full before the first change is found by preflight
    cause: /KS0101|\[DiskSpace\]/,
    begin: (lab, victim) => must('sh', ['-c', `cd "$1" && { ${fill}; }`, 'sh', lab.folder(victim)]),
    mend: (lab, victim) => must('rm', ['-f', join(lab.folder(victim), 'chaos-full')]),
  },
  'disk-full-tmp': {
    tells: true,
    cause: /KS0101/,
    begin: (lab, victim) =>
      lab.inside(victim, `mount -t tmpfs -o size=64k chaos /tmp && cd /tmp && { ${fill}; }`),
    mend: (lab, victim) =>
      lab.inside(victim, 'while grep -q "^chaos /tmp " /proc/mounts; do umount -l /tmp; done'),
  },
  clock: {
    first: true,
    tells: true,
    cause: /ClockSkew/,
    begin: (lab, victim) =>
      lab.inside(
        victim,
        `printf '#!/bin/sh\\nexec /bin/date -d "+60 seconds" "$@"\\n' >/usr/local/bin/date && chmod +x /usr/local/bin/date`,
      ),
    mend: (lab, victim) => lab.inside(victim, 'rm -f /usr/local/bin/date'),
  },
  'read-only-etc': {
    tells: true,
    cause: /KS0102|[Rr]ead-only/,
    begin: (lab, victim) => lab.inside(victim, 'mount --bind /etc /etc && mount -o remount,bind,ro /etc'),
    mend: (lab, victim) => lab.inside(victim, 'while grep -q " /etc " /proc/mounts; do umount -l /etc; done'),
  },
  'never-answers': {
    first: true,
    tells: true,
    begin: async (lab, victim) => {
      await lab.inside(victim, 'systemctl stop ssh.socket ssh.service 2>/dev/null || systemctl stop ssh')
      const mute =
        'require("net").createServer(() => {}).listen(22, "0.0.0.0", () => console.log("listening"))'
      await helper('mute', 'nsenter', ['-t', String(lab.leader(victim)), '-n', process.execPath, '-e', mute])
    },
    mend: async (lab, victim) => {
      await endHelper('mute')
      await lab.inside(victim, 'systemctl start ssh')
    },
  },
}

const inAll = (lab, script) => Promise.all(lab.machines.map((one) => lab.inside(one, script)))
