import { spawn } from 'node:child_process'
import { createConnection } from 'node:net'
import type { Duplex } from 'node:stream'
import { UserError } from '../lib/errors.js'
import { collector, feed } from './collect.js'
import type { Command, Connection, Outcome } from './connection.js'
import { graceMs } from './grace.js'
import { checkSudo, sudoCheckMs } from './sudo-check.js'
import { type Become, commandLine, header, outcomeOf } from './wire.js'

/** This machine itself, by the same wire as SSH, without a login shell in between. */
export function localConnection(
  become: () => Promise<Become> = async () => 'none',
  name = 'local',
): Connection {
  let checked: Promise<Become> | undefined
  const ready = (): Promise<Become> => {
    checked ??= become().then(async (how) => {
      await checkSudo(name, how, (line, input) =>
        runLocal(line, input, { script: '', timeoutMs: sudoCheckMs }),
      )
      return how
    })
    return checked
  }
  return {
    description: 'local',
    run: async (command) => {
      const how = await ready()
      return runLocal(commandLine(how), header(command, how), command)
    },
    openTcp: (host, port) =>
      new Promise<Duplex>((resolve, reject) => {
        const socket = createConnection({ host, port, noDelay: true })
        socket.once('connect', () => resolve(socket))
        socket.once('error', (error) =>
          reject(
            new UserError('connection', `cannot reach ${host}:${port} from this computer`, {
              why: error.message,
              cause: error,
            }),
          ),
        )
      }),
    close: async () => {},
  }
}

async function runLocal(line: string, head: string, command: Command): Promise<Outcome> {
  // no session of its own: sudo keeps its tickets by terminal
  const child = spawn('/bin/sh', ['-c', line], { stdio: 'pipe' })
  const output = collector(command)
  child.stdout.on('data', output.stdout)
  child.stderr.on('data', output.stderr)
  let gaveUp: string | undefined
  let stop = (_how: string): void => {}
  const ended = new Promise<string | undefined>((resolve) => {
    const end = (lost: string | undefined): void => {
      clearTimeout(timer)
      resolve(lost)
    }
    const giveUp = (reason: string): void => {
      // in vain where it has become root by sudo: it is left behind then
      child.kill('SIGKILL')
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
      child.unref()
      end(reason)
    }
    stop = (how) => {
      gaveUp = how
      giveUp(how)
    }
    const timer = setTimeout(
      () => giveUp(`no answer within ${graceMs / 1000} s after the deadline`),
      command.timeoutMs + graceMs,
    )
    output.onOverflow(() => giveUp('the output of the command is too large'))
    child.once('error', (error) => end(error.message))
    child.once('close', () => end(undefined))
  })
  const streaming = command.streaming && { limits: command.streaming, giveUp: (how: string) => stop(how) }
  const fed = feed(child.stdin, head, command.stdin, ended, streaming)
  const [lost] = await Promise.all([ended, fed])
  return outcomeOf({ ...output.result(), ...(lost ? { lost } : {}), ...(gaveUp ? { gaveUp } : {}) })
}
