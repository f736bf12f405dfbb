import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import { service } from '../../resources/service.js'
import type { Runtime } from '../runtime.js'
import { docker } from './docker.js'
import { fromDockershim } from './handing-over.js'

const program = '/usr/bin/cri-dockerd'
/** Units by the names its own packages give them: there is one of each on a machine. */
const unit = 'cri-docker.service'
const socketUnit = 'cri-docker.socket'
const unitDirectory = '/etc/systemd/system'

/**
 * Docker for kubelets without dockershim: cri-dockerd stands between, a fork of dockershim that labels
 * containers as that did. The user brings the program.
 */
export const dockerByCri: Runtime = {
  ...docker,
  // kubeadm's constant CRISocketDocker
  criSocket: '/var/run/cri-dockerd.sock',
  problem: ({ minor, dockershim }) =>
    dockershim === 'present'
      ? `the kubelet of Kubernetes ${minor} supports Docker without cri-dockerd`
      : undefined,
  programs: ['cri-dockerd'],
  trees: ['/var/lib/cri-dockerd'],
  configuration: (machine, settings) => [
    ...docker.configuration(machine, settings),
    file(machine.host, {
      path: `${unitDirectory}/${socketUnit}`,
      content: template(`cri-dockerd/${socketUnit}`, { socket: '/run/cri-dockerd.sock' }),
      marks: [socketUnit, unit],
      needs: [],
    }),
    file(machine.host, {
      path: `${unitDirectory}/${unit}`,
      content: template(`cri-dockerd/${unit}`, { program, pause: settings.pauseImage }),
      marks: [unit],
      needs: [],
    }),
  ],
  furtherServices: (machine) => {
    const { host } = machine
    // the socket's group is Docker's, which its package makes
    const first = service(host, { unit: socketUnit, needs: [`${host.name}/service:${docker.unit}`] })
    return [
      ...docker.furtherServices(machine),
      first,
      service(host, {
        unit,
        title: 'cri-dockerd',
        needs: [`${host.name}/${first.id}`, `${host.name}/binary:${program}`],
      }),
    ]
  },
  programMarks: [unit],
  handingOver: fromDockershim,
}
