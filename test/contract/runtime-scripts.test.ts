import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localConnection } from '../../src/host/local-connection.js'
import { createHost } from '../../src/host/remote-host.js'
import { containerd } from '../../src/runtimes/containerd/containerd.js'
import { docker } from '../../src/runtimes/docker/docker.js'

/** What ctr 1.6 and docker 20.10 print for one pod that runs and one that has ended. */
const healthy = {
  ctr: `case "$*" in
*'tasks ls -q') echo run1; echo end1 ;;
*'tasks ls') printf 'TASK PID STATUS\\nrun1 12 RUNNING\\nend1 0 STOPPED\\n' ;;
*'containers ls'*) echo run1; echo end1 ;;
*'containers info'*) echo '  "io.kubernetes.container.name": "etcd",' ;;
*'images import'*) cat >/dev/null ;;
esac`,
  docker: `case "$*" in
*'Label'*) echo etcd ;;
'ps '*) echo run1 ;;
load*) cat >/dev/null ;;
esac`,
}

const missing =
  process.getuid?.() === 0 && spawnSync('unshare', ['-pf', '--mount-proc', 'true']).status === 0
    ? undefined
    : 'processes of their own need a namespace, made by root'

const runtimes = [
  { runtime: containerd, client: 'ctr', daemon: 'containerd' },
  { runtime: docker, client: 'docker', daemon: 'dockerd' },
] as const

describe.skipIf(missing !== undefined).each(runtimes)(
  `a client that fails has not said "nothing": $runtime.id${missing ? ` (skipped: ${missing})` : ''}`,
  ({ runtime, client, daemon }) => {
    let directory: string
    const path = (name: string): string => join(directory, name)
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'ks-runtime-'))
      const clients = {
        healthy: healthy[client],
        fails: 'echo no daemon >&2; exit 1',
        // the first answer is right, and no other comes
        half: `[ ! -e "$HALF" ] || { echo lost it >&2; exit 1; }; : >"$HALF"\n${healthy[client]}`,
        hangs: 'exec sleep 60',
      }
      for (const [name, script] of Object.entries(clients)) {
        mkdirSync(path(name))
        writeFileSync(path(`${name}/${client}`), `#!/bin/sh\n${script}\n`)
        chmodSync(path(`${name}/${client}`), 0o755)
      }
      mkdirSync(path('none'))
    })
    afterAll(() => rmSync(directory, { recursive: true, force: true }))

    /** A script with that client first in PATH (and no other), among processes of its own. */
    const run = (which: string, script: string, options: { daemon?: boolean; input?: Buffer } = {}) => {
      rmSync(path('half-told'), { force: true })
      const start = `
mount -t tmpfs none /run; mkdir -p /run/containerd
${
  options.daemon === false
    ? ''
    : `mkdir /run/d; cp "$(command -v sleep)" /run/d/${daemon}; /run/d/${daemon} 20 &
socat UNIX-LISTEN:/run/containerd/containerd.sock,fork EXEC:true & while [ ! -S /run/containerd/containerd.sock ]; do sleep 0.01; done`
}
mkdir /run/bin; for p in sh awk sed grep head cat sleep gzip printf wc rm systemctl umount; do ln -s "$(command -v $p)" /run/bin/$p; done
PATH="$1:/run/bin" HALF="$2" /bin/sh -c "$3" sh etcd`
      const ran = spawnSync(
        'unshare',
        ['-mpf', '--mount-proc', '/bin/sh', '-c', start, 'sh', path(which), path('half-told'), script],
        { ...(options.input ? { input: options.input } : {}), encoding: 'utf8' },
      )
      return { code: ran.status, said: ran.stdout }
    }

    const asking = {
      podContainersScript: runtime.podContainersScript,
      systemContainersScript: runtime.systemContainersScript,
      countContainersScript: runtime.countContainersScript,
    }
    const changing = {
      restartPodScript: runtime.restartPodScript,
      removeContainersScript: runtime.removeContainersScript,
      removeImagesScript: runtime.removeImagesScript,
      pullScript: runtime.pullScript,
      loadScript: runtime.loadScript,
      ...runtime.pins,
    }

    it('its answers are read as they are', () => {
      expect(run('healthy', runtime.podContainersScript)).toEqual({ code: 0, said: 'run1\n' })
      expect(run('healthy', runtime.systemContainersScript)).toEqual({ code: 0, said: 'etcd\n' })
      const count = client === 'ctr' ? '2\n' : '1\n'
      expect(run('healthy', runtime.countContainersScript)).toEqual({ code: 0, said: count })
    })

    it.each(Object.entries({ ...asking, ...changing }))('%s fails where the client fails', (_, script) => {
      expect(run('fails', script).code).not.toBe(0)
    })

    it.each(Object.entries(asking))('%s fails where there is no client and the daemon runs', (_, script) => {
      expect(run('none', script).code).not.toBe(0)
    })

    it
      .skipIf(client !== 'ctr')
      .each(['podContainersScript', 'systemContainersScript', 'restartPodScript'] as const)(
      '%s fails where the client fails in the middle',
      (name) => {
        expect(run('half', runtime[name]).code).not.toBe(0)
      },
    )

    it('nothing runs where neither the daemon runs nor a container’s shim', () => {
      for (const which of ['fails', 'none']) {
        expect(run(which, runtime.countContainersScript, { daemon: false })).toEqual({ code: 0, said: '0\n' })
        expect(run(which, runtime.removeContainersScript, { daemon: false }).code).toBe(0)
      }
    })

    it.skipIf(client !== 'ctr')('what the CRI plug-in deletes itself is not deleted by ctr too', () => {
      mkdirSync(path('plug-in'), { recursive: true })
      // the plug-in deletes a task that was killed at the second look; it knows nothing of own1
      const script = `#!/bin/sh
echo "$*" >>/run/asked
case "$*" in
*'tasks ls -q')
  [ ! -e /run/killed ] || [ ! -e /run/looked ] || rm -f /run/task
  [ ! -e /run/killed ] || : >/run/looked
  [ ! -e /run/killed ] || [ -e /run/task ] || { echo own1; exit 0; }
  echo run1; echo own1 ;;
*'tasks kill'*) : >/run/task; : >/run/killed ;;
*'containers ls'*) echo run1; echo own1 ;;
esac
`
      writeFileSync(path('plug-in/ctr'), script)
      chmodSync(path('plug-in/ctr'), 0o755)
      const ran = run(
        'plug-in',
        `systemctl() { :; }; sleep() { :; }\n${runtime.removeContainersScript}\ncat /run/asked`,
      )
      expect(ran.code).toBe(0)
      const asked = ran.said.split('\n').map((line) => line.replace('-n k8s.io ', ''))
      expect(asked.filter((line) => line.startsWith('tasks rm'))).toEqual(['tasks rm -f own1'])
      expect(asked.filter((line) => line.startsWith('containers rm'))).toHaveLength(2)
    })

    it('an archive that is cut is not loaded in silence', () => {
      const whole = spawnSync('gzip', ['-c'], { input: Buffer.alloc(200_000, 'x') }).stdout
      expect(run('healthy', runtime.loadScript, { input: whole }).code).toBe(0)
      if (client === 'ctr')
        expect(run('healthy', runtime.loadScript, { input: whole.subarray(0, 100) }).code).not.toBe(0)
    })

    it('one that hangs is a question without an answer', async () => {
      const host = createHost('cp1', localConnection())
      const script = `PATH=${path('hangs')}:$PATH\n${runtime.podContainersScript}`
      await expect(host.read({ script, args: ['etcd'], timeoutMs: 300 })).rejects.toMatchObject({
        kind: 'connection',
        message: expect.stringContaining('no answer within'),
      })
    })
  },
)
