import type { Grammar } from '../lib/grammar/grammar.js'
import { hostFile, ownDirectory } from '../lib/grammar/host-path.js'
import { imageReference, imageRepository, imageTag } from '../lib/grammar/image.js'
import { clusterName, flagName, groupName, interfaceName, sha256, volumeName } from '../lib/grammar/names.js'
import { sshHost, sshUser } from '../lib/grammar/ssh-names.js'
import { baseUrl, proxyUrl, releaseVersion } from '../lib/grammar/url.js'
import { withoutLogin } from '../lib/without-login.js'
import type { Path } from '../lib/yaml-source.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'

/** Where a text of a grammar stands; `*` is every key of a mapping, and as the last part the key itself is meant. */
type Rule = readonly [path: string, grammar: Grammar]

/** Of the whole inventory. What has a check of its own (versions, addresses, labels, taints) is not here. */
const ofCluster: readonly Rule[] = [
  ['kubernetes.clusterName', clusterName],
  ['kubernetes.imageRepository', imageRepository],
  ['loadBalancer.interface', interfaceName],
  ['loadBalancer.image', imageReference],
  ['dns.imageTag', imageTag],
  ['apiServer.extraArgs.*', flagName],
  ['controllerManager.extraArgs.*', flagName],
  ['apiServer.extraVolumes.*', volumeName],
  ['controllerManager.extraVolumes.*', volumeName],
  ['scheduler.extraVolumes.*', volumeName],
  ['scheduler.extraArgs.*', flagName],
  ['etcd.dataDir', ownDirectory],
  ['etcd.imageTag', imageTag],
  ['etcd.extraArgs.*', flagName],
  ['etcd.tarball.sha256', sha256],
  ['etcd.external.caFile', hostFile],
  ['etcd.external.certFile', hostFile],
  ['etcd.external.keyFile', hostFile],
  ['binaries.sha256', sha256],
  ['sources.mirrors.kubernetes', baseUrl],
  ['sources.mirrors.github', baseUrl],
  ['sources.versions.containerd', releaseVersion],
  ['sources.versions.runc', releaseVersion],
  ['sources.versions.cniPlugins', releaseVersion],
  ['sources.versions.etcd', releaseVersion],
  ['sources.mirrors.packages', baseUrl],
  ['sources.proxy.http', proxyUrl],
  ['sources.proxy.https', proxyUrl],
  ['verify.image', imageReference],
  ['groups.*', groupName],
  ['lab.bridge', interfaceName],
]

/** Of every place where settings of hosts stand, and of the cluster's own. */
const ofSettings: readonly Rule[] = [
  ['ssh.user', sshUser],
  ['ssh.host', sshHost],
  ['kubelet.extraArgs.*', flagName],
]

/** Texts that are not of the form their reader demands, each at its place. */
export function grammarProblems(inventory: Inventory): Found[] {
  return [
    ...[...ofCluster, ...ofSettings].flatMap((rule) => wrong(inventory, [], rule)),
    ...settingsOf(inventory).flatMap(({ path, settings }) =>
      ofSettings.flatMap((rule) => wrong(settings, path, rule)),
    ),
  ]
}

function wrong(root: object, above: Path, [dotted, grammar]: Rule): Found[] {
  const parts = dotted.split('.')
  const last = parts.at(-1) ?? ''
  let here: unknown = root
  for (const part of parts.slice(0, -1)) here = member(here, part)
  const path = [...above, ...parts.slice(0, -1)]
  if (last !== '*') {
    const text = member(here, last)
    return typeof text === 'string' && !grammar.accepts(text) ? [found([...path, last], text, grammar)] : []
  }
  return Object.keys(Object(here))
    .filter((key) => !grammar.accepts(key))
    .map((key) => ({ ...found([...path, key], key, grammar), key: true }))
}

function found(path: Path, text: string, grammar: Grammar): Found {
  const { is, write } = grammar
  return {
    path,
    what: `${JSON.stringify(shown(text, grammar))} is not ${is}`,
    write: typeof write === 'string' ? write : write(text),
  }
}

/** What may be shown of it: in a URL that is wrong a password may stand. */
const shown = (text: string, grammar: Grammar): string =>
  grammar === proxyUrl || grammar === baseUrl ? withoutLogin(text) : text.replace(/\/\/.*@/s, '//…@')

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined
}
