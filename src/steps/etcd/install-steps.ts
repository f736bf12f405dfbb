import { type Context, versionOf } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import { etcdUnit } from '../../kubernetes/etcd/unit.js'
import { UserError } from '../../lib/errors.js'
import { binary } from '../../resources/binary.js'
import { maskedUnit } from '../../resources/masked-unit.js'
import { packages } from '../../resources/packages.js'
import { unpacked } from '../../resources/unpacked.js'
import { proxyNeeds } from '../host/proxy-settings.js'
import { repositoryNeeds } from '../host/repository-needs.js'

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
  if (etcd.install.from === 'package') return [`${name}/packages:${packagesId}`]
  return etcd.install.from === 'download'
    ? [`${name}/archive:etcd`]
    : etcdPrograms.map((program) => `${name}/binary:${installed(program)}`)
}

/** etcd and etcdctl on a host: the distribution's, or those of a release or the bundle. Throws UserError('preflight') for an architecture without a release. */
export function installSteps(context: Context, machine: Machine): Step[] {
  const { etcdHosts, spec } = context
  const { etcd } = spec
  const { host, os, facts } = machine
  if (etcd.install.from === 'download') return downloadSteps(context, machine)
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

/** Of the release for the host's architecture; what it lacks to download with comes first. */
function downloadSteps(context: Context, machine: Machine): Step[] {
  const { host, os, facts, release } = machine
  const version = versionOf(context.spec, release.wanted, 'etcd')
  const archive = context.projectReleases.etcd?.get(version)?.get(facts.arch)
  if (!archive)
    throw new UserError('preflight', `there is no release of etcd ${version} for ${facts.arch}`, {
      host: host.name,
      next: 'use etcd: { install: package }, or another host',
    })
  const lacking = facts.lacksForDownloads
  const curl = packages(host, os, lacking, {
    id: 'downloads',
    title: 'packages for downloads',
    needs: repositoryNeeds(machine),
  })
  return [
    ...(lacking.length > 0 ? [curl] : []),
    unpacked(host, {
      name: 'etcd',
      title: 'etcd',
      archive,
      files: etcdPrograms.map(
        (name) => [`etcd-v${version}-linux-${facts.arch}/${name}`, installed(name)] as const,
      ),
      marks: [etcdUnit],
      needs: lacking.length > 0 ? [`${host.name}/${curl.id}`] : proxyNeeds(machine),
    }),
  ]
}

function installed(program: (typeof etcdPrograms)[number]): string {
  return `/usr/local/bin/${program}`
}
