import { isAbsolute, join } from 'node:path'
import { UserError } from '../../lib/errors.js'
import { matchesPatterns } from '../../lib/glob-pattern.js'
import { type ConfigLine, configLines } from './lines.js'
import { matchApplies } from './match.js'
import { expandEnvironment, expandForShell, expandTokens, type TokenValues } from './tokens.js'
import type { SshWorld } from './world.js'

/** A configuration file and the directory its relative Includes are looked for in. */
export interface ConfigFile {
  path: string
  includes: string
}

/** Who asks: what `ssh -l USER -p PORT GIVEN` would. */
export interface ConfigQuestion {
  given: string
  user: string | undefined
  port: number | undefined
}

/** The first value of each directive that applies, as ssh_config(5) has it, by lower-case keyword. */
export interface Evaluated {
  first: ReadonlyMap<string, ConfigLine>
  /** Every IdentityFile, in order. */
  identityFiles: readonly ConfigLine[]
  /** "FILE:LINE" of each `Match exec` whose command might have decided, and was not run. */
  notRun: readonly string[]
}

/** Deeper Includes than this are a circle; OpenSSH's number. */
const maxDepth = 16

/**
 * What files say about one host. The directives' values are as they are written; tokens are the
 * caller's to expand. Throws UserError('inventory') naming file and line for what cannot be understood.
 */
export function evaluate(
  files: readonly ConfigFile[],
  question: ConfigQuestion,
  home: string,
  world: SshWorld,
): Evaluated {
  const first = new Map<string, ConfigLine>()
  const identityFiles: ConfigLine[] = []
  const notRun = new Set<string>()
  let wantsFinal = false
  let finalPass = false

  const current = (at: string): TokenValues => {
    const written = first.get('hostname')?.args[0]
    const base: TokenValues = {
      given: question.given,
      host: question.given,
      port: question.port ?? Number(first.get('port')?.args[0] ?? 22),
      user: question.user ?? first.get('user')?.args[0] ?? world.localUser,
      localUser: world.localUser,
      uid: world.uid,
      home,
      localHost: world.localHost,
      hostKeyAlias: first.get('hostkeyalias')?.args[0] ?? '',
      jump: first.get('proxyjump')?.rest ?? '',
    }
    const host = written === undefined ? base.host : expandTokens(written, base, at)
    // ssh makes it lower case before it reads the files for the last time
    return { ...base, host: finalPass ? host.toLowerCase() : host }
  }

  const applies = (line: ConfigLine): boolean => {
    const values = current(line.at)
    if (line.keyword === 'host') return matchesPatterns(line.args, finalPass ? values.host : values.given)
    return matchApplies(
      line,
      {
        ...values,
        tag: first.get('tag')?.args[0] ?? '',
        finalPass,
        addresses: world.addresses,
        exec: (command) => {
          const expanded = expandForShell(command, values, line.at)
          if (world.exec === undefined) notRun.add(line.at)
          return world.exec?.(expanded)
        },
      },
      () => {
        wantsFinal = true
      },
    )
  }

  /** `ProxyJump none` leaves a later ProxyCommand its place (seen of ssh -G, OpenSSH 9.2); not the other way round. */
  const isNoJump = (keyword: string): boolean =>
    keyword === 'proxyjump' && first.get(keyword)?.args[0]?.toLowerCase() === 'none'

  const take = (line: ConfigLine): void => {
    // where ssh goes is settled before the last pass
    if (finalPass && line.keyword === 'hostname') return
    if (line.keyword === 'identityfile') {
      if (!identityFiles.some(({ args }) => args[0] === line.args[0])) identityFiles.push(line)
      return
    }
    // whichever of the two comes first is the way
    const other = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' }[line.keyword]
    if (first.has(line.keyword) || (other !== undefined && first.has(other) && !isNoJump(other))) return
    if (line.args.length > 0) first.set(line.keyword, line)
  }

  const walk = (lines: readonly ConfigLine[], includes: string, within: boolean, depth: number): void => {
    let active = within
    for (const line of lines) {
      if (line.keyword === 'host' || line.keyword === 'match') active = within && applies(line)
      else if (line.keyword === 'include') {
        if (!active) continue
        if (depth >= maxDepth)
          throw new UserError('inventory', `${line.at}: Include is nested deeper than ${maxDepth} files`, {
            next: 'check whether a file includes itself',
          })
        for (const pattern of line.args) {
          const path = expandEnvironment(pattern, world.environment, line.at).replace(/^~(?=\/)/, home)
          for (const file of world.glob(isAbsolute(path) ? path : join(includes, path)))
            walk(configLines(world.read(file) ?? '', file), includes, true, depth + 1)
        }
      } else if (active) take(line)
    }
  }

  const pass = (): void => {
    for (const { path, includes } of files) walk(configLines(world.read(path) ?? '', path), includes, true, 0)
  }
  pass()
  if (wantsFinal) {
    finalPass = true
    pass()
  }
  return { first, identityFiles, notRun: [...notRun] }
}
