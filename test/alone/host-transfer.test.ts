import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../src/host/host.js'
import { createHost } from '../../src/host/remote-host.js'
import { type PeerAddress, Transfers } from '../../src/host/transfer/transfers.js'
import { Turns } from '../../src/lib/turns.js'
import { type OverlayRoot, overlayRoot, whyNoOverlay } from '../support/overlay-root.js'
import { freePort, noSshd } from '../support/sshd.js'

const count = 10
const names = Array.from({ length: count }, (_, i) => `w${i}`)
const why = whyNoOverlay() ?? noSshd()

/** A machine with files, sshd and host key of its own, on this computer's network. */
interface Machine {
  name: string
  root: OverlayRoot
  port: number
  key: Buffer
  /** Ends the sessions that sshd has now. */
  drop(): void
}

const theirs = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0 somebody@else\n# no newline at the end'
const machines: Machine[] = []
let directory: string
let file: string
let sha256: string

async function machineOf(name: string): Promise<Machine> {
  const root = await overlayRoot()
  const port = await freePort()
  const pid = Number(
    root.run(
      `
rm -rf /root/.ssh /var/lib/kubestrap* && mkdir -m 0700 /root/.ssh && mkdir -p /run/sshd /etc/hop && printf %s "$2" >/root/.ssh/authorized_keys && chmod 0600 /root/.ssh/authorized_keys
useradd -m -p '*' ops && mkdir -m 0700 /home/ops/.ssh && cp /root/.ssh/authorized_keys /home/ops/.ssh/ && chown -R ops: /home/ops/.ssh
ssh-keygen -q -t ed25519 -N '' -f /etc/hop/key
printf '%s\n' "ListenAddress 127.0.0.1:$1" 'HostKey /etc/hop/key' 'PermitRootLogin prohibit-password' 'UsePAM no' 'PidFile /run/hop.pid' 'AllowUsers root ops' >/etc/hop/config
/usr/sbin/sshd -f /etc/hop/config && i=0 && while [ ! -s /run/hop.pid ] && [ $i -lt 100 ]; do sleep 0.05; i=$((i + 1)); done; cat /run/hop.pid`,
      String(port),
      theirs,
    ),
  )
  const [, key = ''] = root.run('cat /etc/hop/key.pub').split(' ')
  const children = () =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  servers.push(pid)
  return {
    name,
    root,
    port,
    key: Buffer.from(key, 'base64'),
    drop: () => {
      for (const child of children()) process.kill(child, 'SIGKILL')
    },
  }
}
const servers: number[] = []

beforeAll(async () => {
  if (why) return
  directory = mkdtempSync(join(tmpdir(), 'ks-hop-'))
  file = join(directory, 'kubelet')
  writeFileSync(file, randomBytes(6 * 1024 * 1024))
  sha256 = createHash('sha256').update(readFileSync(file)).digest('hex')
  for (const name of names) machines.push(await machineOf(name))
})
afterAll(() => {
  for (const pid of servers) process.kill(pid)
  for (const { root } of machines) root.end()
  if (directory) rmSync(directory, { recursive: true, force: true })
})

let hosts: Host[] = []
let transfers: Transfers
let told: string[]
/** "w3 uploads" or "w3 fetches from w1" */
let done: string[]

beforeEach(async (ctx) => {
  if (why) return ctx.skip(why)
  await run()
})
afterEach(async () => {
  await transfers?.end()
})

/** A run of its own, from the take-over on. */
async function run(over: Partial<PeerAddress> = {}): Promise<void> {
  told = []
  done = []
  transfers = new Transfers(
    new Map(machines.map(({ name, port }) => [name, { address: '127.0.0.1', port, user: 'root', ...over }])),
  )
  const streams = new Turns(8, 2)
  hosts = machines.map(({ name, root, key }) =>
    createHost(
      name,
      { ...root.connection, hostKey: () => key },
      ({ what }) => {
        const [, source] = / from (w\d)$/.exec(what) ?? []
        if (source) done.push(`${name} from ${source}`)
        else if (what.startsWith('upload')) done.push(`${name} from here`)
      },
      streams,
      transfers,
    ),
  )
  await Promise.all(hosts.map((host) => host.takeOver('epoch')))
  const bytes = readFileSync(file).length
  transfers.begin([{ sha256, bytes, hosts: names }], (text) => told.push(text))
}

const path = '/opt/hop/kubelet'
const upload = (host: Host) => host.upload(file, path, { sha256, mode: '0755' })
const fromHere = () => done.filter((one) => one.endsWith('here')).length
const root = (name: string): OverlayRoot => machines[names.indexOf(name)]?.root as OverlayRoot
const clean = `rm -rf /opt/hop; test ! -e /var/lib/kubestrap-transfer && ls -A /root/.ssh && cat /root/.ssh/authorized_keys && ls -d /run/kubestrap-hop.* 2>/dev/null; :`
/** That every machine has the file, and nothing else of the run. */
async function allHaveIt(): Promise<void> {
  for (const { root: machine } of machines)
    expect(machine.run('sha256sum <"$1" && stat -c %a "$1"', path)).toBe(`${sha256}  -\n755\n`)
  await transfers.end()
  for (const { root: machine } of machines) expect(machine.run(clean)).toBe(`authorized_keys\n${theirs}`)
}
/** Does something on the first machine that lets others in, as soon as it does. */
function onFirstSource(what: (machine: Machine) => void): void {
  const watch = setInterval(() => {
    const first = machines.find(({ root: machine }) =>
      machine.run('grep -c kubestrap-run /root/.ssh/authorized_keys || :').startsWith('1'),
    )
    if (!first) return
    clearInterval(watch)
    what(first)
  }, 5)
}

describe('a file that ten machines want', () => {
  it('is sent to two, fetched by the others from those that have it, and leaves no key behind', async () => {
    await Promise.all(hosts.map(upload))
    expect([fromHere(), done.length, told]).toEqual([2, count, []])
    await allHaveIt()
  })

  it('that is kept for the run only is gone from every machine when all have read it', async () => {
    const size = readFileSync(file).length
    await Promise.all(
      hosts.map((host) =>
        host.pipe(
          file,
          {
            what: 'load',
            script: 'mkdir -p /opt/hop && cat >/opt/hop/kubelet && chmod 0755 /opt/hop/kubelet',
          },
          { sha256, size, onBytes: () => {} },
        ),
      ),
    )
    expect(fromHere()).toBe(2)
    await allHaveIt()
  })

  it('is read by a login user who is not root, and by no other user of the machine', async () => {
    await transfers.end()
    await run({ user: 'ops' })
    const modes: string[] = []
    const watch = setInterval(() => {
      modes.push(
        machines[0]?.root.run('stat -c "%a %U" /var/lib/kubestrap-transfer/*/* 2>/dev/null || :') ?? '',
      )
    }, 50)
    const size = readFileSync(file).length
    const script = 'mkdir -p /opt/hop && cat >/opt/hop/kubelet && chmod 0755 /opt/hop/kubelet'
    await Promise.all(
      hosts.map((host) => host.pipe(file, { what: 'load', script }, { sha256, size, onBytes: () => {} })),
    )
    clearInterval(watch)
    expect([fromHere(), told]).toEqual([2, []])
    expect(new Set(modes.flatMap((text) => text.split('\n')).filter(Boolean))).toEqual(
      new Set(['600 root', '400 ops'].filter((mode) => modes.join('\n').includes(mode))),
    )
    for (const { root: machine } of machines)
      expect(
        machine.run(
          'cat /home/ops/.ssh/authorized_keys; ls -A /home/ops/.ssh; stat -c %U /home/ops/.ssh/authorized_keys',
        ),
      ).toBe(`${theirs}authorized_keys\nops\n`)
    await allHaveIt()
  })

  it('comes to a machine without ssh from here, and to the others from machines', async () => {
    root('w5').run('mkdir -p /opt/aside && mv /usr/bin/ssh /opt/aside/ssh')
    try {
      await Promise.all(hosts.map(upload))
    } finally {
      root('w5').run('mv /opt/aside/ssh /usr/bin/ssh')
    }
    expect(fromHere()).toBeLessThanOrEqual(3)
    await allHaveIt()
  })

  it('is sent to every machine where none lets another in, which is told once', async () => {
    for (const { root: machine } of machines)
      machine.run(
        `sed -i 's/^AllowUsers.*/AllowUsers nobody/' /etc/hop/config && kill -HUP "$(cat /run/hop.pid)"`,
      )
    try {
      await new Promise((resolve) => setTimeout(resolve, 500))
      await Promise.all(hosts.map(upload))
    } finally {
      for (const { root: machine } of machines)
        machine.run(
          `sed -i 's/^AllowUsers.*/AllowUsers root ops/' /etc/hop/config && kill -HUP "$(cat /run/hop.pid)"`,
        )
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    expect(fromHere()).toBe(count)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/Permission denied.*is sent from this computer/)
    await allHaveIt()
  })

  it('is sent to every machine where nobody listens at the port', async () => {
    await transfers.end()
    await run({ port: await freePort() })
    await Promise.all(hosts.map(upload))
    expect([fromHere(), told.length]).toEqual([count, 1])
    await allHaveIt()
  })

  it('is not taken from a machine with another host key', async () => {
    const [first, second] = machines
    const keys = machines.map(({ key }) => key)
    for (const [i, machine] of machines.entries()) machine.key = keys[(i + 1) % count] as Buffer
    try {
      await run()
      await Promise.all(hosts.map(upload))
    } finally {
      for (const [i, machine] of machines.entries()) machine.key = keys[i] as Buffer
    }
    expect([first === second, fromHere(), told.length]).toEqual([false, count, 1])
    expect(told[0]).toMatch(/Host key verification failed/)
    await allHaveIt()
  })

  it('is not taken from a machine that gives another file, and nobody asks that machine again', async () => {
    const source = '/var/lib/kubestrap-transfer'
    onFirstSource(({ root: machine }) =>
      machine.run(`for f in ${source}/*/*; do rm -f "$f" && echo other >"$f"; done`),
    )
    // the second copy from here comes late: all ask the first that has it
    await Promise.all(hosts.map(upload))
    expect(told.filter((text) => text.includes('another file')).length).toBeLessThanOrEqual(2)
    await allHaveIt()
  })

  it('is fetched elsewhere when its source dies in the middle', async () => {
    let dying: NodeJS.Timeout | undefined
    onFirstSource((machine) => {
      machine.root.run(`
for f in /var/lib/kubestrap-transfer/*/*; do rm -f "$f" && mkfifo "$f" && (head -c 100000 /dev/zero >"$f"; sleep 2) >/dev/null 2>&1 & done`)
      dying = setInterval(() => machine.drop(), 500)
    })
    await Promise.all(hosts.map(upload))
    clearInterval(dying)
    await allHaveIt()
  })
})

describe('a key of a run', () => {
  it('reads that file whatever it is asked for, and opens nothing else', async () => {
    await hosts[0]?.pipe(file, { what: 'x', script: ':' }, { sha256, size: 7e6, onBytes: () => {} })
    // another host fetches and is let in; the rest have not asked, so that the entry stays
    await hosts[1]?.upload(file, path, { sha256, mode: '0755' })
    await hosts[2]?.upload(file, path, { sha256, mode: '0755' })
    const [, source = ''] = done.map((one) => / from (w\d)$/.exec(one) ?? []).find(([all]) => all) ?? []
    const machine = machines[names.indexOf(source)] as Machine
    const line = machine.root.run('head -n 1 /root/.ssh/authorized_keys')
    expect(line).toMatch(
      /^restrict,expiry-time="\d{12}",from="[0-9.,]+",command="exec cat \/var\/lib\/kubestrap-transfer\/[0-9a-f]{16}\/[0-9a-f]{64}" ssh-ed25519 \S+ kubestrap-run-[0-9a-f]{16}\n$/,
    )
    // the key itself is known to nobody here; the entry with a key of ours in its place
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')])
    const own = readFileSync(join(directory, 'key.pub'), 'utf8').split(' ').slice(0, 2).join(' ')
    machine.root.run(
      'sed "1s|ssh-ed25519 [^ ]* |$1 |" /root/.ssh/authorized_keys >/root/.ssh/new && cat /root/.ssh/new >/root/.ssh/authorized_keys; rm /root/.ssh/new',
      own,
    )
    writeFileSync(join(directory, 'known'), `source ssh-ed25519 ${machine.key.toString('base64')}\n`)
    const ssh = (...more: string[]): Promise<{ code: number | null; digest: string; words: string }> =>
      new Promise((resolve) => {
        const options = ['-F', '/dev/null', '-i', join(directory, 'key'), '-p', String(machine.port)]
        const known = ['-o', 'HostKeyAlias=source', '-o', `UserKnownHostsFile=${join(directory, 'known')}`]
        const child = spawn('ssh', [...options, ...known, '-o', 'BatchMode=yes', ...more])
        const hash = createHash('sha256')
        let words = ''
        child.stdin.end('evil\n')
        child.stdout.on('data', (chunk) => hash.update(chunk))
        child.stderr.on('data', (chunk) => {
          words += chunk
        })
        child.once('close', (code) => resolve({ code, digest: hash.digest('hex'), words }))
      })
    for (const asked of [
      ['root@127.0.0.1', 'file'],
      ['root@127.0.0.1', 'cat /etc/shadow'],
      ['root@127.0.0.1', 'x; touch /opt/evil'],
      ['root@127.0.0.1', '`touch /opt/evil`'],
    ]) {
      const { digest } = await ssh(...asked)
      expect(digest).toBe(sha256)
    }
    const terminal = await ssh('-tt', 'root@127.0.0.1')
    expect(terminal.words).toContain('PTY allocation request failed')
    expect(machine.root.run('test ! -e /opt/evil && echo none')).toBe('none\n')
    const sftp = await ssh('-s', 'root@127.0.0.1', 'sftp')
    // sshd without that subsystem says no; with it, the entry's command runs
    expect([sha256, createHash('sha256').digest('hex')]).toContain(sftp.digest)
    const tunnel = await ssh('-W', '127.0.0.1:22', 'root@127.0.0.1')
    expect(tunnel).toMatchObject({ digest: createHash('sha256').digest('hex') })
    expect(tunnel.code).not.toBe(0)
    const reverse = await ssh('-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:22', 'root@127.0.0.1', 'x')
    expect(reverse.code).not.toBe(0)
    // nor can anybody else use it from elsewhere
    machine.root.run(
      `sed 's/from="[^"]*"/from="192.0.2.1"/' /root/.ssh/authorized_keys >/root/new && cat /root/new >/root/.ssh/authorized_keys; rm /root/new`,
    )
    expect(await ssh('root@127.0.0.1', 'file')).toMatchObject({ code: 255 })
  })

  it('of a run that was cut goes when the next one takes the host over, and what others wrote stays', async () => {
    for (const host of hosts.slice(0, 4)) await upload(host)
    const keys = () =>
      machines.map(({ root: machine }) =>
        Number(machine.run('grep -c kubestrap-run /root/.ssh/authorized_keys || :')),
      )
    expect(Math.max(...keys())).toBe(1)
    root('w0').run('mkdir -p /run/kubestrap-hop.abc')
    await run()
    expect(Math.max(...keys())).toBe(0)
    for (const { root: machine } of machines) expect(machine.run(clean)).toBe(`authorized_keys\n${theirs}`)
  })
})
