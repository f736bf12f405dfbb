import type { Options } from 'yargs'
import { hostForms } from '../../inventory/new/host-argument.js'
import { defaultInventory } from '../command.js'

const hosts = (describe: string) =>
  ({ type: 'string', array: true, default: [], describe, requiresArg: true }) satisfies Options

const value = (describe: string) => ({ type: 'string', describe, requiresArg: true }) satisfies Options

/** What `kubestrap new` is told. */
export const newOptions = {
  'control-plane': hosts(`control plane nodes: ${hostForms}; repeatable or comma-separated`),
  worker: hosts('worker nodes; without any the control plane nodes run workloads, too'),
  'load-balancer': hosts('hosts for haproxy in front of the API; a worker or a separate host'),
  etcd: hosts('separate hosts for etcd; without any every control plane node runs a member'),
  user: value('login user: root, or a user with sudo (default: that of the SSH configuration, else root)'),
  key: value('private key file (default: those that ssh uses)'),
  port: value('port of sshd (default: that of the SSH configuration, else 22)'),
  password: value('reference to the login password: env:NAME, file:PATH, command:COMMAND or prompt'),
  'sudo-password': value('reference to the password for sudo, likewise'),
  'host-keys': {
    ...value(
      'what to do about unknown host keys: strict refuses them, accept-new adds them to known_hosts beside the file (default: strict)',
    ),
    choices: ['strict', 'accept-new'],
  },
  endpoint: value('HOST[:PORT] of the API for all clients: a name, or the address of your own load balancer'),
  'virtual-ip': value('unused address that moves between the --load-balancer hosts'),
  'kubernetes-version': value(
    'version, or a minor for its newest known patch release (default: the newest tested)',
  ),
  runtime: value("container runtime (default: the inventory's)"),
  network: value("Pod network (default: the inventory's)"),
  bundle: value('directory of a bundle (default: hosts download programs, and pull images)'),
  output: {
    alias: 'f',
    type: 'string',
    default: defaultInventory,
    describe: 'file to write; - for standard output',
    requiresArg: true,
  },
  look: {
    type: 'boolean',
    default: true,
    describe: 'look at the machines over SSH, changing nothing; --no-look connects to none',
  },
} satisfies Record<string, Options>
