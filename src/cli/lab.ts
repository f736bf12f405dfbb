import { spawnSync } from 'node:child_process'
import type { ClusterSpec } from '../inventory/spec.js'
import { imageFor } from '../kubernetes/images.js'
import { releaseFor } from '../kubernetes/releases/index.js'
import { makeLabBundle } from '../lab/binaries/lab-bundle.js'
import { cacheDirectory } from '../lab/cache.js'
import { labDown, labKill, labReboot, labRemove, labSsh, labStatus, labUp } from '../lab/nspawn/lab.js'
import { UserError } from '../lib/errors.js'
import { duration, table } from '../ui/format.js'
import { print, tell } from '../ui/screen.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption, text } from './command.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { furtherSteps } from './next-steps.js'
import { chosenLab } from './quickstart.js'
import { upCommand } from './up.js'
import { verifyOption } from './verify.js'

const began = performance.now()
const say = (line: string): void => {
  tell(`[${duration(performance.now() - began).padStart(6)}] ${line}\n`)
}

async function bundle(spec: ClusterSpec): Promise<void> {
  const { bundle: directory } = spec.binaries
  if (directory === undefined)
    throw new UserError('inventory', 'binaries.bundle is not set in the inventory', {
      next: 'set binaries: { bundle: DIRECTORY }, where the bundle will be created',
    })
  const release = releaseFor(spec.version)
  const of = (component: Parameters<typeof imageFor>[0]): string => imageFor(component, spec, release)
  const made = await makeLabBundle(
    spec.version,
    {
      apiServer: of('kube-apiserver'),
      controllerManager: of('kube-controller-manager'),
      scheduler: of('kube-scheduler'),
      proxy: of('kube-proxy'),
      pause: of('pause'),
      etcd: of('etcd'),
      verify: spec.verify.image,
    },
    directory,
    say,
  )
  say(made === 'made' ? `bundle created: ${directory}` : `bundle exists: ${directory}`)
}

async function machinesUp(spec: ClusterSpec): Promise<void> {
  const { machines, installed, started } = await labUp(spec, say)
  if (installed.length > 0) say(`installed on this computer: ${installed.join(', ')}`)
  say(
    started.length > 0 ? `started ${started.join(', ')}` : `${machines.length} machines are already running`,
  )
}

const options = inventoryOption
const machine = { machine: { type: 'string', describe: 'name of a machine', demandOption: true } } as const

export const labCommand: Command = {
  name: 'lab',
  about: 'Throw-away machines on this computer, for learning and testing (Linux, root).',
  example: 'kubestrap lab up -i inventories/lab.yaml',
  run: async () => 0,
  children: [
    {
      name: 'quickstart',
      about:
        'Create machines and a cluster with one command: the newest Kubernetes where it can be downloaded, else 1.20.2 of Debian.',
      example: 'kubestrap lab quickstart',
      options: {
        inventory: {
          ...inventoryOption.inventory,
          default: undefined,
          defaultDescription: 'inventories/lab-today.yaml or inventories/lab.yaml',
        },
        ...outputOption,
        ...ignoreOption,
        ...verifyOption,
      },
      run: async (given) => {
        const values = given.inventory === undefined ? { ...given, inventory: await chosenLab(say) } : given
        const spec = await inventoryOf(values, 'look')
        await Promise.all([machinesUp(spec), ...(spec.binaries.bundle === undefined ? [] : [bundle(spec)])])
        const code = await upCommand.run({ ...values, yes: true })
        if (code === 0)
          print(
            furtherSteps([
              [
                `kubestrap lab ssh${sameInventory(values)} ${spec.hosts[0]?.name}`,
                'open a shell on a machine; kubectl works there',
              ],
              ['npm run quickstart:down', 'remove the machines'],
            ]),
          )
        return code
      },
    },
    {
      name: 'up',
      about: 'Start the machines of the inventory; running machines are not changed.',
      example: 'kubestrap lab up -i inventories/lab.yaml',
      options,
      run: async (values) => {
        await machinesUp(await inventoryOf(values, 'look'))
        return 0
      },
    },
    {
      name: 'bundle',
      about:
        "Create the bundle that the inventory names, by a build of Debian's source package of Kubernetes 1.20.2.",
      example: 'kubestrap lab bundle -i inventories/lab.yaml',
      options,
      run: async (values) => {
        await bundle(await inventoryOf(values, 'look'))
        return 0
      },
    },
    {
      name: 'down [machine]',
      about:
        'Remove the machines, or one, which lab up creates again; installed packages and the cache stay and are listed.',
      example: 'kubestrap lab down -i inventories/lab.yaml',
      options,
      positionals: { machine: { type: 'string', describe: 'name of the only machine to remove' } },
      run: async (values) => {
        const spec = await inventoryOf(values, 'look')
        const one = text(values, 'machine')
        if (one !== '') {
          await labRemove(spec, one, say)
          return 0
        }
        await labDown(spec, say)
        say(
          `not removed: the cache ${cacheDirectory}, and packages installed by apt-get on this computer (systemd-container, debootstrap, nftables and, for the build, golang-go)`,
        )
        return 0
      },
    },
    {
      name: 'status',
      about: 'Show which machines run and whether they answer.',
      example: 'kubestrap lab status -i inventories/lab.yaml',
      options,
      run: async (values) => {
        const machines = await labStatus(await inventoryOf(values, 'look'))
        const rows = machines.map(({ name, address, running, pid, sshd }) => [
          name,
          address,
          running ? 'running' : 'off',
          pid ? String(pid) : '-',
          sshd ? 'answers' : '-',
        ])
        print(`${table([['NAME', 'ADDRESS', 'STATE', 'PID', 'SSH'], ...rows])}\n`)
        return 0
      },
    },
    {
      name: 'ssh <machine> [command..]',
      about: 'Log in to a machine, or run a command on it.',
      example: 'kubestrap lab ssh -i inventories/lab.yaml cp1 kubectl get nodes -o wide',
      options,
      passesOn: true,
      positionals: { ...machine, command: { type: 'string', array: true, describe: 'command to run' } },
      run: async (values) => {
        const [program = 'ssh', ...args] = labSsh(await inventoryOf(values, 'look'), text(values, 'machine'))
        const words = [...list(values, 'command'), ...list(values, '--')]
        // ssh reads options behind the host too
        const done = spawnSync(program, [...args, ...(words.length > 0 ? ['--', ...words] : [])], {
          stdio: 'inherit',
        })
        return done.status ?? 1
      },
    },
    {
      name: 'reboot <machine>',
      about: 'Power a machine off without shutdown, and boot it again from its disk.',
      example: 'kubestrap lab reboot -i inventories/lab.yaml w1',
      options,
      positionals: machine,
      run: async (values) => {
        await labReboot(await inventoryOf(values, 'look'), text(values, 'machine'))
        return 0
      },
    },
    {
      name: 'kill <machine>',
      about: 'Power a machine off without shutdown; lab up starts it again.',
      example: 'kubestrap lab kill -i inventories/lab.yaml w1',
      options,
      positionals: machine,
      run: async (values) => {
        await labKill(await inventoryOf(values, 'look'), text(values, 'machine'))
        return 0
      },
    },
  ],
}
