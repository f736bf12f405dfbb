import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Deb } from './deb-repository.js'

const unit = `[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
`
const dropIn = `[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`

/**
 * What pkgs.k8s.io has of a version, made of real programs: files and dependencies as its packages have them
 * (kubernetes/release, cmd/krel/templates/latest). cri-tools alone is an empty stand-in: nothing runs crictl.
 * @param bundle has kubelet, kubectl and kubeadm
 * @param plugins directory with the CNI plug-ins
 */
export function kubernetesDebs(version: string, bundle: string, plugins: string): Deb[] {
  const program = (name: string): Buffer => gunzipSync(readFileSync(join(bundle, 'bin', `${name}.gz`)))
  const cni = readdirSync(plugins).map((name) => [`opt/cni/bin/${name}`, readFileSync(join(plugins, name))])
  const own = `${version}-1.1`
  return [
    {
      name: 'kubelet',
      version: own,
      depends:
        'iptables (>= 1.4.21), kubernetes-cni (>= 1.2.0), iproute2, mount, util-linux, conntrack, ebtables, ethtool, socat',
      files: {
        'usr/bin/kubelet': program('kubelet'),
        'usr/lib/systemd/system/kubelet.service': unit,
        'etc/default/kubelet': 'KUBELET_EXTRA_ARGS=\n',
      },
    },
    { name: 'kubectl', version: own, files: { 'usr/bin/kubectl': program('kubectl') } },
    {
      name: 'kubeadm',
      version: own,
      depends: 'cri-tools (>= 1.30.0)',
      files: {
        'usr/bin/kubeadm': program('kubeadm'),
        'usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf': dropIn,
      },
    },
    { name: 'kubernetes-cni', version: '1.8.0-1.1', files: Object.fromEntries(cni) },
    { name: 'cri-tools', version: '1.36.0-1.1', files: { 'usr/bin/crictl': '#!/bin/sh\nexit 1\n' } },
  ]
}
