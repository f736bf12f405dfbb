import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { collector, feed } from '../../src/host/collect.js'
import type { Connection } from '../../src/host/connection.js'
import { commandLine, header, outcomeOf } from '../../src/host/wire.js'

export interface OverlayRoot {
  /** Runs commands there, with the real programs of this computer; what they write is theirs alone. */
  connection: Connection
  /** What a script prints there. Throws unless it exits 0. */
  run(script: string, ...args: string[]): string
  end(): void
}

/** Why there can be no such root here; undefined when there can. */
export function whyNoOverlay(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root'
  const tried = spawnSync('unshare', ['-m', 'sh', '-c', mountScript, 'sh', '/mnt', 'true'])
  return tried.status === 0 ? undefined : 'no overlay file system in a mount namespace'
}

/** "$1" is an empty directory, "$2" what to do in the end. */
const mountScript = `
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0755 root "$1"
cd "$1"
mkdir upper work root
mount -t overlay root -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" root
for d in proc dev sys; do mount --rbind "/$d" "root/$d"; done
mount -t tmpfs -o mode=0755 run root/run
mount -t tmpfs -o mode=1777 tmp root/tmp
echo ready
exec $2
`

/** A connection whose command line is run by the words that are given. */
export const connectionBy = (
  description: string,
  words: (line: string) => readonly [string, ...string[]],
): Connection => ({
  description,
  run: async (command) => {
    const [program, ...args] = words(commandLine('none'))
    const child = spawn(program, args, { stdio: 'pipe' })
    const output = collector(command)
    child.stdout.on('data', output.stdout)
    child.stderr.on('data', output.stderr)
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
    await Promise.all([ended, feed(child.stdin, header(command, 'none'), command.stdin, ended)])
    return outcomeOf(output.result())
  },
  openTcp: () => Promise.reject(new Error('no TCP here')),
  close: async () => {},
})

/** This computer's files in a layer of their own, and its network. */
export async function overlayRoot(): Promise<OverlayRoot> {
  const directory = mkdtempSync(join(tmpdir(), 'ks-overlay-'))
  const keeper: ChildProcess = spawn(
    'unshare',
    ['-m', 'sh', '-c', mountScript, 'sh', directory, 'sleep 3600'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise<void>((resolve, reject) => {
    keeper.stdout?.once('data', () => resolve())
    keeper.once('exit', (code) => reject(new Error(`no overlay: exit code ${code}`)))
  })
  const inside = (...words: string[]): string[] => [
    '-t',
    String(keeper.pid),
    '-m',
    'chroot',
    join(directory, 'root'),
    ...words,
  ]
  return {
    connection: connectionBy('overlay', (line) => ['nsenter', ...inside('/bin/sh', '-c', line)]),
    run: (script, ...args) => {
      const { status, stdout, stderr } = spawnSync(
        'nsenter',
        inside('/bin/sh', '-c', script, 'sh', ...args),
        {
          encoding: 'utf8',
          env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: '/root' },
        },
      )
      if (status !== 0) throw new Error(`exit code ${status}: ${stdout}${stderr}`)
      return stdout
    },
    end: () => {
      keeper.kill()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
