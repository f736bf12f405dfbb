import { type Context, nodes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import { cloudHosts } from '../resources/cloud-hosts.js'
import { editFile, withBlock } from '../resources/edit-file.js'
import { file } from '../resources/file.js'
import { hostname } from '../resources/hostname.js'
import { kernelModules } from '../resources/kernel-modules.js'
import { refuseTaken, resolves } from '../resources/resolves.js'
import { fstabWithoutSwap, swapOff } from '../resources/swap-off.js'
import { sysctl } from '../resources/sysctl.js'
import { sysctlAtBoot } from '../resources/sysctl-at-boot.js'
import { hostsReaderMark } from './hosts-readers.js'

const modules = ['overlay', 'br_netfilter']
const modulesFile = '/etc/modules-load.d/kubestrap.conf'
const sysctlFile = '/etc/sysctl.d/99-kubestrap.conf'

/**
 * INPUTS: spec.endpoint, spec.networking.
 * OUTPUTS: hosts as kubeadm's installation guide requires: named, without swap, forwarding, bridged traffic seen
 * by netfilter; a name of the API endpoint that resolves.
 */
export const host: Phase<Context> = {
  id: 'host',
  title: 'Host prerequisites',
  about: 'Host name, /etc/hosts, swap off, kernel modules and parameters.',
  steps: (context) => nodes(context).flatMap((machine) => hostSteps(context, machine)),
}

function hostSteps({ spec }: Context, { host: target, facts, spec: { name, address } }: Machine): Step[] {
  const parameters: Record<string, string> = {
    'net.bridge.bridge-nf-call-iptables': '1',
    'net.bridge.bridge-nf-call-ip6tables': '1',
    'net.ipv4.ip_forward': '1',
    ...(spec.networking.podSubnet.includes(':') ? { 'net.ipv6.conf.all.forwarding': '1' } : {}),
  }
  const lines = Object.entries(parameters).map(([key, value]) => `${key} = ${value}\n`)
  const { endpoint: asked, endpointAddress } = spec
  const endpoint = asked.named && endpointAddress !== undefined ? [`${endpointAddress} ${asked.host}`] : []
  const named = (text: string): string => {
    const after = withBlock(text, [...endpoint, ...ownName(text, name, address)])
    if (facts.kubernetes && endpointAddress !== undefined)
      refuseTaken(target, asked.host, endpointAddress, text, after)
    return after
  }
  return [
    hostname(target, name),
    editFile(target, {
      path: '/etc/hosts',
      title: 'names of the API endpoint and of the host',
      ...(endpoint.length > 0 ? { marks: [hostsReaderMark] } : {}),
      edit: named,
    }),
    ...(asked.named && endpointAddress !== undefined
      ? [resolves(target, asked.host, endpointAddress, facts.kubernetes)]
      : []),
    // after fstab, which is one of what systemd makes swap units of
    swapOff(target, [`${name}/edit:/etc/fstab`]),
    editFile(target, { path: '/etc/fstab', title: 'swap disabled at boot', edit: fstabWithoutSwap }),
    file(target, {
      path: modulesFile,
      title: 'kernel modules at boot',
      content: modules.map((m) => `${m}\n`).join(''),
    }),
    kernelModules(target, modules),
    file(target, { path: sysctlFile, title: 'kernel parameters at boot', content: lines.join('') }),
    sysctl(target, parameters, [`${name}/kernel-modules`]),
    sysctlAtBoot(target, parameters, [`${name}/file:${sysctlFile}`]),
    cloudHosts(target, (text) =>
      withBlock(text, [...endpoint, ...ownName(rendered(text, name), name, address)]),
    ),
  ]
}

/** A template of cloud-init's, as far as the machine's name goes: "127.0.1.1 {{fqdn}} {{hostname}}". */
const rendered = (template: string, name: string): string => template.replace(/\{\{\s*hostname\s*\}\}/g, name)

/**
 * The line that gives a machine's name its address, where no line of the user's names it. sudo asks for
 * it at every command, and the kubelet takes the address its name resolves to for its node's.
 */
export function ownName(hostsFile: string, name: string, address: string): string[] {
  const theirs = withBlock(hostsFile, []).split('\n')
  const names = theirs.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
  return names.includes(name) ? [] : [`${address} ${name}`]
}
