#!/bin/sh
# What a user of kubeadm does to a Debian machine before `kubeadm init` or `join`, after kubeadm's
# installation guide: runtime, the kubelet's needs, kernel parameters, kubelet's unit and kubeadm's
# drop-in as their packages have them. Binaries and images are brought apart.
# $1 a line for /etc/hosts: the API endpoint's address and name, which a site would have in its DNS
set -eu
export DEBIAN_FRONTEND=noninteractive
[ -n "$(find /var/lib/apt/lists -name '*Packages*' -mtime -1 | head -n 1)" ] || apt-get -qq update
apt-get -qq install -y --no-install-recommends docker.io containernetworking-plugins conntrack ebtables ethtool \
  iproute2 iptables socat util-linux >/dev/null

swapoff -a
[ -e /proc/sys/net/bridge ] || modprobe br_netfilter
cat >/etc/sysctl.d/k8s.conf <<'EOF'
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.ip_forward = 1
EOF
sysctl -q -p /etc/sysctl.d/k8s.conf
echo "$1" >>/etc/hosts

# where the package kubernetes-cni has them
mkdir -p /opt/cni/bin /etc/cni/net.d
ln -sf /usr/lib/cni/* /opt/cni/bin/

mkdir -p /etc/kubernetes/manifests /etc/systemd/system/kubelet.service.d
cat >/lib/systemd/system/kubelet.service <<'EOF'
[Unit]
Description=kubelet: The Kubernetes Node Agent
Documentation=https://kubernetes.io/docs/home/
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
EOF
cat >/etc/systemd/system/kubelet.service.d/10-kubeadm.conf <<'EOF'
# Note: This dropin only works with kubeadm and kubelet v1.11+
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
# This is a file that "kubeadm init" and "kubeadm join" generates at runtime, populating the KUBELET_KUBEADM_ARGS variable dynamically
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
# This is a file that the user can use for overrides of the kubelet args as a last resort. Preferably, the user should use
# the .NodeRegistration.KubeletExtraArgs object in the configuration files instead. KUBELET_EXTRA_ARGS should be sourced from this file.
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
EOF
systemctl daemon-reload
systemctl enable -q kubelet
