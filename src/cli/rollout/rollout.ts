import type { Command } from '../command.js'
import { hostsPositional } from './hosts.js'
import { rolloutOptions, runRollout } from './run.js'

const rebootCommand: Command = {
  name: 'reboot [hosts..]',
  about:
    'Reboot hosts: nodes are drained before and uncordoned when they are Ready again, as many at a time as rollout.maxUnavailable says; control plane nodes, etcd hosts and load balancers one after the other.',
  example: 'kubestrap rollout reboot -i inventory.yaml --all',
  options: rolloutOptions,
  positionals: hostsPositional,
  run: (values) => runRollout(values, { kind: 'reboot', verb: 'reboots', nodesOnly: false }),
}

const restartCommand: Command = {
  name: 'restart [hosts..]',
  about:
    'Restart the container runtime and the kubelet of nodes, as many at a time as rollout.maxUnavailable says; after a drain where containers end with their runtime.',
  example: 'kubestrap rollout restart -i inventory.yaml --role worker',
  options: {
    ...rolloutOptions,
    'static-pods': {
      type: 'boolean',
      default: false,
      describe: 'also restart the static Pods of control plane nodes, one at a time',
    },
  },
  positionals: hostsPositional,
  run: (values) =>
    runRollout(values, {
      kind: values['static-pods'] === true ? 'restart-static-pods' : 'restart',
      verb: 'restarts the container runtime and the kubelet of',
      nodesOnly: true,
    }),
}

export const rolloutCommand: Command = {
  name: 'rollout',
  about: 'Restart or reboot hosts of a running cluster in turn.',
  example: 'kubestrap rollout reboot -i inventory.yaml w1',
  run: async () => 0,
  children: [restartCommand, rebootCommand],
}
