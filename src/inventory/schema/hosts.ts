import { z } from 'zod'
import { kubeletSettings } from './components.js'
import { osSchema } from './os.js'
import { record } from './record.js'
import { hostSshSchema, sshSchema } from './ssh.js'

const roles = z.enum(['control-plane', 'worker', 'etcd', 'load-balancer'])

/** What can be said of one host, of a group of hosts, or of all. */
const settings = {
  roles: z
    .array(roles)
    .min(1)
    .optional()
    .describe(
      'control-plane, worker, or both (a control plane node that also runs workloads); etcd, on hosts that are not nodes; load-balancer, alone or with any other role.',
    ),
  connection: z
    .enum(['ssh', 'local'])
    .optional()
    .describe('local: the computer kubestrap runs on, without SSH. Default ssh.'),
  ssh: sshSchema.optional(),
  os: osSchema.optional(),
  timeSync: z
    .union([z.literal(false), z.enum(['chrony', 'systemd-timesyncd'])])
    .optional()
    .describe(
      'What keeps the clock: chrony, systemd-timesyncd, or false for something that kubestrap leaves alone. Default: what is there; on a new host without any, what its system uses.',
    ),
  firewall: z
    .enum(['open', 'leave'])
    .optional()
    .describe(
      'open: where firewalld is active, the ports of the roles of the host are opened. leave: it is not touched. Default open on a host that is not a node yet.',
    ),
  state: z
    .enum(['up', 'down'])
    .optional()
    .describe(
      'down: the host is out of service for now. The host stays a part of the cluster, and nothing connects to the host. Default up.',
    ),
  labels: record(z.string()).optional().describe('Node labels.'),
  taints: z.array(z.string()).optional().describe('Node taints, "key=value:Effect" or "key:Effect".'),
  kubelet: kubeletSettings.optional().describe("Kubelet of this host; takes precedence over the cluster's."),
}

const hostSettings = z.strictObject(settings)
export type HostSettings = z.infer<typeof hostSettings>

const groupNames = z.array(z.string())

const group = z.strictObject({
  ...settings,
  groups: groupNames.optional().describe('Groups this group belongs to; its own settings take precedence.'),
})

const host = z.strictObject({
  address: z
    .string()
    .describe("IP address: the node's InternalIP, and the address SSH connects to unless ssh.host is set."),
  groups: groupNames
    .optional()
    .describe(
      'Groups of the host; later groups take precedence over earlier ones, and the host over all groups.',
    ),
  ...settings,
  ssh: hostSshSchema.optional(),
})

/** `defaults`. */
export const defaultsSchema = hostSettings
  .optional()
  .describe('Settings of every host; groups and hosts take precedence.')

/** `groups`. */
export const groupsSchema = record(group).optional().describe('Settings that several hosts share.')

/** `hosts`. */
export const hostsSchema = record(host).describe('The hosts, by node name.')
