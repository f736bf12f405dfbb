import type { Need, Step } from '../../engine/step.js'
import { etcdUnit } from '../../kubernetes/etcd/unit.js'
import { binary } from '../../resources/binary.js'
import { maskedUnit } from '../../resources/masked-unit.js'
import { packages } from '../../resources/packages.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import { repositoryNeeds } from '../repositories.js'

/** The programs, as packages and releases call them. */
export const etcdPrograms = ['etcd', 'etcdctl'] as const

/** The unit that a package of etcd brings, which would found a cluster of its own as soon as it is installed. */
const packagedUnit = 'etcd.service'
const packagesId = 'etcd'

/** Where etcd is on hosts with the role etcd. */
export const etcdProgram = ({ spec: { etcd } }: Context): string =>
  etcd.install.from === 'package' ? '/usr/bin/etcd' : installed('etcd')

/** What must be done on a host before etcd is there. */
export function etcdInstallNeeds({ spec: { etcd } }: Context, { spec: { name } }: Machine): Need[] {
  return etcd.install.from === 'package'
    ? [`${name}/packages:${packagesId}`]
    : etcdPrograms.map((program) => `${name}/binary:${installed(program)}`)
}

/** etcd and etcdctl on a host: the distribution's, or those of a release or the bundle. */
export function installSteps({ spec: { etcd }, etcdHosts }: Context, machine: Machine): Step[] {
  const { host, os, facts } = machine
  if (etcd.install.from !== 'package')
    return etcdPrograms.map((name) => {
      const program = etcdHosts?.programs.find(
        (one) => one.name === name && (one.arch === undefined || one.arch === facts.arch),
      )
      if (!program) throw new Error(`no ${name} to install for ${facts.arch}`)
      return binary(host, {
        program,
        path: installed(name),
        marks: name === 'etcd' ? [etcdUnit] : [],
        needs: [],
      })
    })
  const masked = maskedUnit(host, packagedUnit)
  return [
    masked,
    packages(host, os, os.packages.etcd, {
      id: packagesId,
      title: 'etcd packages',
      needs: [`${host.name}/${masked.id}`, ...repositoryNeeds(machine)],
    }),
  ]
}

function installed(program: (typeof etcdPrograms)[number]): string {
  return `/usr/local/bin/${program}`
}
