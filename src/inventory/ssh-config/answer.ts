import { isIP } from 'node:net'
import { join } from 'node:path'
import { type ConfigFile, type ConfigQuestion, evaluate } from './evaluate.js'
import type { ConfigLine } from './lines.js'
import { expandEnvironment, expandForShell, expandTokens, type TokenValues } from './tokens.js'
import type { SshWorld } from './world.js'

/** What an SSH configuration says of a host, as far as kubestrap heeds it; undefined where it is silent. */
export interface ConfigAnswer {
  host: string | undefined
  user: string | undefined
  port: number | undefined
  /** Absolute paths; [] where it says that there are none. */
  keys: readonly string[] | undefined
  identitiesOnly: boolean
  /** A socket's path; false for none; undefined: the environment's. */
  agent: string | false | undefined
  /** As written, tokens expanded: "none" too. */
  jump: string | undefined
  proxyCommand: string | undefined
  userKnownHosts: readonly string[] | undefined
  globalKnownHosts: readonly string[] | undefined
  hostKeys: 'strict' | 'accept-new' | undefined
  hostKeyAlias: string | undefined
  /** What it says that is not heeded, for messages about what then fails. */
  notes: readonly string[]
}

/**
 * The files ssh reads: the one named, or the user's and the system's. ssh_config(5): relative Includes
 * of the user's are below ~/.ssh, of the system's below /etc/ssh.
 */
export function configFiles(named: string | undefined, home: string): readonly ConfigFile[] {
  if (named !== undefined) return [{ path: named, includes: join(home, '.ssh') }]
  return [
    { path: join(home, '.ssh/config'), includes: join(home, '.ssh') },
    { path: '/etc/ssh/ssh_config', includes: '/etc/ssh' },
  ]
}

/** Throws UserError('inventory') naming file and line for what cannot be understood. */
export function answer(
  files: readonly ConfigFile[],
  question: ConfigQuestion,
  home: string,
  world: SshWorld,
): ConfigAnswer {
  const { first, identityFiles, notRun } = evaluate(files, question, home, world)
  const word = (keyword: string): string | undefined => first.get(keyword)?.args[0]
  const user = word('user')
  const port = word('port') === undefined ? undefined : Number(word('port'))
  const values: TokenValues = {
    given: question.given,
    host: question.given,
    port: question.port ?? port ?? 22,
    user: question.user ?? user ?? world.localUser,
    localUser: world.localUser,
    uid: world.uid,
    home,
    localHost: world.localHost,
    hostKeyAlias: word('hostkeyalias') ?? '',
    jump: first.get('proxyjump')?.rest ?? '',
  }
  const hostLine = first.get('hostname')
  const host = hostLine && expandTokens(hostLine.args[0] ?? '', values, hostLine.at)
  const dialled = host ?? question.given
  // ssh makes a name lower case once HostName is expanded (ssh.c); %n stays what was given
  const known = { ...values, host: isIP(dialled) === 0 ? dialled.toLowerCase() : dialled }
  const path = (text: string, line: ConfigLine): string => {
    const expanded = expandTokens(expandEnvironment(text, world.environment, line.at), known, line.at)
    return expanded.replace(/^~(?=\/|$)/, home)
  }
  const named = (line: ConfigLine | undefined): readonly string[] | undefined =>
    line?.args.filter((text) => text.toLowerCase() !== 'none')
  const knownHosts = first.get('userknownhostsfile')
  const notes = notRun.map(
    (at) => `${at} is a Match exec whose command was not run: what it decides is not shown`,
  )
  const strict = first.get('stricthostkeychecking')
  const checking = strict?.args[0]?.toLowerCase()
  if (strict && (checking === 'no' || checking === 'off'))
    notes.push(`${strict.at} sets StrictHostKeyChecking ${checking}: ignored, host keys are checked`)
  const jump = first.get('proxyjump')
  const command = first.get('proxycommand')
  return {
    host,
    user,
    port,
    keys:
      identityFiles.length === 0
        ? undefined
        : identityFiles
            .filter(({ args }) => args[0]?.toLowerCase() !== 'none')
            .map((line) => path(line.args[0] ?? '', line)),
    identitiesOnly: word('identitiesonly')?.toLowerCase() === 'yes',
    agent: agentOf(first.get('identityagent'), world, path),
    jump: jump && expandTokens(jump.args[0] ?? '', known, jump.at),
    proxyCommand:
      command && command.args[0]?.toLowerCase() !== 'none'
        ? expandForShell(command.rest, known, command.at)
        : undefined,
    userKnownHosts: knownHosts && named(knownHosts)?.map((text) => path(text, knownHosts)),
    // as it is written: it has no tokens, and ~ is nobody's there
    globalKnownHosts: named(first.get('globalknownhostsfile')),
    hostKeys: checking === undefined ? undefined : checking === 'accept-new' ? 'accept-new' : 'strict',
    hostKeyAlias: word('hostkeyalias'),
    notes,
  }
}

function agentOf(
  line: ConfigLine | undefined,
  world: SshWorld,
  path: (text: string, line: ConfigLine) => string,
): ConfigAnswer['agent'] {
  const word = line?.args[0]
  if (!line || word === undefined || word === 'SSH_AUTH_SOCK') return undefined
  if (word.toLowerCase() === 'none') return false
  const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(word)?.[1]
  if (variable !== undefined) return world.environment[variable] ?? false
  return path(word, line)
}
