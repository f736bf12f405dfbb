import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { known } from '../../catalog.js'
import { terminal } from '../../host/ask-terminal.js'
import { createOperator } from '../../host/operator.js'
import { checkedText } from '../../inventory/new/checked-text.js'
import { draftOf, type SshWishes } from '../../inventory/new/draft.js'
import { sightOf } from '../../inventory/new/sight.js'
import { type WantedHost, wantedHosts } from '../../inventory/new/wanted-hosts.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { thisWorld } from '../../inventory/ssh-config/world.js'
import { sshOf } from '../../inventory/ssh-to-spec.js'
import { UserError } from '../../lib/errors.js'
import { continued } from '../../ui/format.js'
import { print, tell } from '../../ui/screen.js'
import { lookAtMachines, type Stranger } from '../../workflows/look-at-machines.js'
import { type Command, defaultInventory } from '../command.js'
import { sameInventory } from '../inventory.js'
import { nextSteps } from '../next-steps.js'
import { canAsk, openQuestions } from '../questions.js'
import { type Answers, askedHosts } from './asked.js'
import { bundleCommand } from './bundle-command.js'
import { cgroupSettings } from './cgroup-settings.js'
import {
  clusterWarnings,
  codeOf,
  type Found,
  hostTable,
  lookAgain,
  machineWarnings,
  unseen,
} from './findings.js'
import { newOptions } from './options.js'
import { givenHosts, outputOf, wishesOf } from './wishes.js'
import { refuseExisting, stdoutName, writeNewFile } from './write-file.js'

export const newCommand: Command = {
  name: 'new',
  about: 'Write an inventory for your machines; without hosts it asks for them on the terminal.',
  example: 'kubestrap new --control-plane 10.0.0.11 --worker 10.0.0.21,10.0.0.22 --user ops',
  options: newOptions,
  run: async (values) => {
    const output = outputOf(values)
    const toStdout = output === stdoutName
    const wishes = wishesOf(values)
    if (!toStdout) refuseExisting(output)
    const { hosts, user } = await hostsOf(values, wishes.ssh.user)
    const wanted = wantedHosts(hosts)
    const ssh = user === undefined ? wishes.ssh : { ...wishes.ssh, user }
    // what an inventory beside which host keys are remembered is called
    const file = resolve(toStdout ? defaultInventory : output)
    const found = await look(wanted, ssh, file, values.look !== false)
    // first: without an address of a host there is nothing to write, and this is why
    for (const warning of machineWarnings(found)) tell(warned(warning))
    const { kubeletConfig, notes } = cgroupSettings(found, wishes.version)
    const draft = draftOf(found, { ...wishes, kubeletConfig, ssh })
    const { text, spec } = checkedText(draft, {
      file,
      label: output,
      home: homedir(),
      known,
      sshWorld: thisWorld('look'),
    })
    if (toStdout) print(text)
    else writeNewFile(output, text)
    // beside the inventory on standard output everything else goes elsewhere
    const say = toStdout ? tell : print
    say(`${toStdout ? '' : `${output} written: Kubernetes ${spec.version}\n`}${hostTable(draft)}\n`)
    for (const note of [...draft.notes, ...notes]) say(continued(`note: ${note}\n`))
    if (unseen(found)) say(continued(`note: ${lookAgain(toStdout ? undefined : output)}\n`))
    for (const warning of clusterWarnings(spec)) tell(warned(warning))
    if (!toStdout) {
      const same = sameInventory({ inventory: output })
      say(
        nextSteps([
          ...(bundleExists(spec)
            ? []
            : [[`${bundleCommand(spec.version, archesOf(found))}${same}`, 'create the bundle'] as const]),
          [`kubestrap plan${same}`, 'show what up would do; nothing is changed'],
          [`kubestrap up${same}`, 'create the cluster'],
        ]),
      )
    }
    return codeOf(found)
  },
}

const warned = (warning: string): string => `${continued(`warning: ${warning}`)}\n`

const bundleExists = ({ binaries: { bundle } }: ClusterSpec): boolean =>
  bundle === undefined || existsSync(bundle)

/** Architectures of the machines that could be looked at. */
const archesOf = (found: readonly Found[]): string[] => found.flatMap(({ look }) => sightOf(look)?.arch ?? [])

/** The hosts of the flags; without any those a person names. */
async function hostsOf(values: Record<string, unknown>, user: string | undefined): Promise<Answers> {
  const hosts = givenHosts(values)
  if (Object.values(hosts).some((some) => some.length > 0)) return { hosts, user }
  if (!canAsk())
    throw new UserError('usage', 'no host is given, and there is no terminal to ask on', {
      next: 'add --control-plane ADDRESS, and --worker ADDRESS for each worker node',
    })
  const questions = openQuestions()
  try {
    return await askedHosts(questions, user)
  } finally {
    questions.close()
  }
}

/** Looks at each host, as the inventory that names it will reach it. */
async function look(
  wanted: readonly WantedHost[],
  { sudoPassword: _, ...ssh }: SshWishes,
  file: string,
  connect: boolean,
): Promise<Found[]> {
  const world = thisWorld(connect ? 'connect' : 'look')
  const home = homedir()
  const strangers = wanted.map(({ target, at }): Stranger => {
    const layer = { ssh: { ...ssh, host: target }, path: ['ssh'] }
    const around = {
      file,
      home,
      // one place, so one question for all hosts
      at: () => '--password',
      resolve: (path: string) => resolvePath(path, file, home),
      world,
    }
    return { name: target, at, ssh: sshOf([layer], target, around) }
  })
  if (connect) tell(`looking at ${wanted.length} host${wanted.length === 1 ? '' : 's'}\n`)
  const looked = await lookAtMachines(strangers, connect ? operator() : undefined)
  return wanted.flatMap((host, i): Found[] => {
    const result = looked[i]
    return result ? [{ wanted: host, ...result }] : []
  })
}

/** As the inventory resolves its paths. */
const resolvePath = (path: string, file: string, home: string): string =>
  resolve(file, '..', path.replace(/^~(?=\/|$)/, home))

/** Who logs in. Without a terminal on standard input no password and no passphrase is asked for. */
const operator = () =>
  createOperator({
    agent: process.env.SSH_AUTH_SOCK || undefined,
    root: process.getuid?.() === 0,
    environment: process.env,
    ask: canAsk() ? terminal() : undefined,
  })
