import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'

/** Names the members, and the files etcdctl shows them. */
const environment = '/etc/etcd/etcdctl.env'

/** `etcdctl member list` works in root's login shells. */
export function etcdctlFiles({ spec }: Context, { host }: Machine): Step[] {
  const endpoints = spec.etcd.external?.endpoints.join(',') ?? ''
  return [
    file(host, {
      path: environment,
      title: 'etcdctl environment',
      content: template('etcd/etcdctl.env', { endpoints }),
      needs: [],
    }),
    file(host, {
      path: '/etc/profile.d/kubestrap-etcdctl.sh',
      title: 'etcdctl in login shells',
      content: template('etcd/etcdctl.sh', { env: environment }),
      needs: [],
    }),
  ]
}
