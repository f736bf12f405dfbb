import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import type { Runtime } from '../runtime.js'
import { containerd } from './containerd.js'

const programs = ['containerd', 'containerd-shim-runc-v2', 'ctr']

const unit = 'containerd.service'

/** containerd of its release instead of a package: the same, with a unit of kubestrap. */
export const releasedContainerd: Runtime = {
  ...containerd,
  packages: () => [],
  // where the project's own guide has them (docs/getting-started.md, Option 1)
  released: [
    {
      project: 'containerd',
      files: programs.map((name) => [`bin/${name}`, `/usr/local/bin/${name}`] as const),
      trees: ['/var/lib/containerd'],
    },
    { project: 'runc', path: '/usr/local/sbin/runc' },
  ],
  configuration: (machine, settings) => [
    ...containerd.configuration(machine, settings),
    file(machine.host, {
      path: `/etc/systemd/system/${unit}`,
      title: 'containerd systemd unit',
      content: template('containerd/containerd.service', {}),
      marks: [unit],
      needs: [],
    }),
  ],
}
