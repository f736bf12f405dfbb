import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { UserError } from '../../lib/errors.js'
import { packageRoot } from '../../lib/package-root.js'
import { command, must } from '../command.js'
import { exists } from '../debian-packages.js'
import { removeCgroups } from './cgroups.js'
import { childrenOf, isRunning, type ProcessId, processOf } from './process.js'
import { hostKey } from './ssh-keys.js'

const startScript = join(packageRoot, 'templates/lab/start-machine.sh')

export interface MachineSpec {
  name: string
  address: string
  /** "10.88.0.1/24" */
  gateway: string
  bridge: string
  /** Where its disk, console log and pid are kept. */
  directory: string
  /** The operator's public key. */
  authorizedKey: string
}

const bootDeadlineMs = 60_000
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Makes the machine's disk if it has none.
 * @param layers what it stands on, as rootfsLayers says it
 * @returns its SSH host key
 */
export async function prepareMachine(machine: MachineSpec, layers: string): Promise<string> {
  const { directory } = machine
  const upper = join(directory, 'upper')
  if (!(await exists(join(directory, 'made')))) {
    await rm(upper, { recursive: true, force: true })
    for (const folder of ['upper/etc/ssh', 'upper/root/.ssh', 'upper/home/ops/.ssh', 'work', 'root', 'data'])
      await mkdir(join(directory, folder), { recursive: true })
    const put = (path: string, text: string, mode = 0o644): Promise<void> =>
      writeFile(join(upper, path), text, { mode })
    await hostKey(join(upper, 'etc/ssh'))
    await put('etc/hostname', `${machine.name}\n`)
    await put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444)
    await put(
      'etc/hosts',
      `127.0.0.1 localhost\n${machine.address} ${machine.name}\n::1 localhost ip6-localhost\n`,
    )
    await put('etc/resolv.conf', await readFile('/etc/resolv.conf', 'utf8').catch(() => ''))
    await put('root/.ssh/authorized_keys', machine.authorizedKey, 0o600)
    await put('home/ops/.ssh/authorized_keys', machine.authorizedKey, 0o600)
    await must('chmod', [
      '0700',
      join(upper, 'root'),
      join(upper, 'root/.ssh'),
      join(upper, 'home/ops'),
      join(upper, 'home/ops/.ssh'),
    ])
    await must('chown', ['-R', '1000:1000', join(upper, 'home/ops')])
    await writeFile(join(directory, 'base'), layers)
    await writeFile(join(directory, 'made'), '')
  }
  const lower = (await readFile(join(directory, 'base'), 'utf8')).trim()
  if ((await command('mountpoint', ['-q', join(directory, 'root')])).code !== 0) {
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${join(directory, 'work')}`
    await must('mount', ['-t', 'overlay', 'overlay', '-o', options, join(directory, 'root')])
  }
  return readFile(join(upper, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8')
}

/** Boots a prepared machine and waits until its sshd greets. */
export async function startMachine(machine: MachineSpec): Promise<void> {
  const { directory, name } = machine
  const log = await open(join(directory, 'console.log'), 'w')
  const file = processFile(directory)
  await rm(file, { force: true })
  const [gateway = '', prefix] = machine.gateway.split('/')
  const address = `${machine.address}/${prefix}`
  const data = join(directory, 'data')
  const child = spawn(
    'sh',
    [startScript, name, join(directory, 'root'), machine.bridge, data, address, gateway, file],
    {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  )
  child.unref()
  await log.close()
  const id = child.pid === undefined ? undefined : await processOf(child.pid)
  if (!id)
    throw new UserError('preflight', `machine ${name} did not start`, { why: await consoleTail(machine) })
  const deadline = Date.now() + bootDeadlineMs
  const alive = async (what: string): Promise<void> => {
    if (!(await isRunning(id)) || Date.now() > deadline)
      throw new UserError(
        'preflight',
        `machine ${name} ${Date.now() > deadline ? 'did not start in time' : 'stopped while it started'} (${what})`,
        {
          why: await consoleTail(machine),
          next: `see ${join(directory, 'console.log')}`,
        },
      )
    await sleep(100)
  }
  while ((await leaderOf(directory)) === undefined) await alive('no init process')
  while (!(await greets(machine.address))) await alive('sshd does not answer')
}

/** Where it stands which process the machine's nspawn is; of a later boot another. */
const processFile = (directory: string): string => join(directory, 'process.json')

/** The machine's nspawn, when it runs. */
export async function runningProcess(directory: string): Promise<ProcessId | undefined> {
  const text = await readFile(processFile(directory), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { pid, started }: { pid: number; started: string } = JSON.parse(text)
  const id = { pid, started }
  return (await isRunning(id)) ? id : undefined
}

/** The machine's first process, as seen from outside. */
export async function leaderOf(directory: string): Promise<number | undefined> {
  const id = await runningProcess(directory)
  return id ? (await childrenOf(id.pid))[0] : undefined
}

/**
 * Ends a machine at once, as a power cut would: its disk stays. When the first process of a PID
 * namespace goes, the kernel ends all others in it.
 */
export async function stopMachine(name: string, directory: string): Promise<void> {
  const id = await runningProcess(directory)
  if (id) {
    for (const pid of [...(await childrenOf(id.pid)), id.pid]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // ended by itself meanwhile
      }
    }
    for (let i = 0; i < 200 && (await isRunning(id)); i += 1) await sleep(25)
  }
  // one that reboots just now does not boot again
  await rm(processFile(directory), { force: true })
  for (let i = 0; i < 200; i += 1) {
    const left = await removeCgroups(name)
    const link = await command('ip', ['link', 'show', `vb-${name}`])
    if (left === 0 && link.code !== 0) break
    if (i === 40) await command('ip', ['link', 'delete', `vb-${name}`])
    await sleep(50)
  }
}

/** Takes the machine's disk away; it has been stopped. */
export async function removeMachine(directory: string): Promise<void> {
  if ((await command('mountpoint', ['-q', join(directory, 'root')])).code === 0)
    await must('umount', ['-R', join(directory, 'root')])
  await rm(directory, { recursive: true, force: true })
}

/** Whether something on port 22 speaks SSH. */
export function greets(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port: 22, timeout: 1_000 })
    const done = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (chunk) => done(chunk.toString().startsWith('SSH-')))
    socket.once('error', () => done(false))
    socket.once('timeout', () => done(false))
    socket.once('close', () => done(false))
  })
}

async function consoleTail({ directory }: MachineSpec): Promise<string> {
  const text = await readFile(join(directory, 'console.log'), 'utf8').catch(() => '')
  return text.trim().split('\n').slice(-15).join('\n')
}
