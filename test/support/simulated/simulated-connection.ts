import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { collector, feed } from '../../../src/host/collect.js'
import type { Command, Connection, Outcome } from '../../../src/host/connection.js'
import { commandLine, header, outcomeOf } from '../../../src/host/wire.js'
import { UserError } from '../../../src/lib/errors.js'
import { entering, environment } from './namespaces.js'
import { ProcessStream } from './process-stream.js'
import type { SimulatedHost } from './simulated-host.js'

/**
 * The product's own wire into a simulated host, as the local and the SSH connection speak it. TCP goes
 * through a socat on the host, so that names and routes are the host's.
 */
export function simulatedConnection(host: SimulatedHost): Connection {
  return {
    description: `simulated ${host.name}`,
    run: (command) => runOn(host, command),
    openTcp: (name, port) => openTcp(host, name, port),
    close: async () => {},
  }
}

async function runOn(host: SimulatedHost, command: Command): Promise<Outcome> {
  if (!host.on) return { kind: 'lost', reason: `${host.name} is off` }
  const child = spawn('nsenter', [...entering(host.pid), '/bin/sh', '-c', commandLine('none')], {
    stdio: 'pipe',
    env: environment,
  })
  const output = collector(command)
  child.stdout.on('data', output.stdout)
  child.stderr.on('data', output.stderr)
  const closed = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve())
  })
  await Promise.all([closed, feed(child.stdin, header(command, 'none'), command.stdin, closed)])
  return outcomeOf(output.result())
}

async function openTcp(host: SimulatedHost, name: string, port: number): Promise<Duplex> {
  if (!host.on) throw new UserError('connection', `${host.name} is off`)
  const child = spawn(
    'nsenter',
    [...entering(host.pid), 'socat', '-d', '-d', '-', `TCP:${name}:${port},nodelay`],
    {
      stdio: 'pipe',
      env: environment,
    },
  )
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk
      if (!said.includes('starting data transfer loop')) return
      child.stderr.removeAllListeners('data').resume()
      resolve(new ProcessStream(child))
    })
    child.once('close', () =>
      reject(
        new UserError('connection', `cannot reach ${name}:${port} from ${host.name}`, {
          why: said.split('\n').find((line) => / E /.test(line)) ?? said,
        }),
      ),
    )
  })
}
