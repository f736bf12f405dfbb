#!/bin/sh
# The same cluster by the real kubeadm, as a careful shell user would drive it: init, further control planes
# one after the other, then all workers at once, each node's pod network as soon as it has joined.
# $1 directory of the lab's SSH keys  $2 control planes, "NAME=ADDRESS NAME=ADDRESS"  $3… workers, NAME=ADDRESS
set -eu
keys=$1 cp=${2%% *} planes=$2
shift 2
workers=$*
here=$(dirname "$0")
tmp=$(mktemp -d)
trap 'for m in $planes $workers; do on "$m" -O exit 2>/dev/null || :; done; rm -rf "$tmp"' EXIT

# one connection a machine, kept
on() { # NAME=ADDRESS, then ssh's options or a script
  to=${1#*=}
  shift
  ssh -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="$keys/known_hosts" -i "$keys/id_ed25519" \
    -o ControlMaster=auto -o ControlPersist=60 -o ControlPath="$tmp/%C" "root@$to" "$@"
}

# CNI configuration, the rules that let pod traffic pass and leave, and the others' ways to these pods
network() {
  cidr=$(on "$cp" "until c=\$(kubectl --kubeconfig /etc/kubernetes/admin.conf get node ${1%%=*} -o jsonpath={.spec.podCIDR}) &&
    [ -n \"\$c\" ]; do sleep 0.2; done; echo \$c")
  on "$1" "sh -s -- $cidr" <"$here/kubeadm-network.sh" &
  for other in $planes $workers; do
    [ "$other" = "$1" ] || on "$other" "ip route replace $cidr via ${1#*=}" &
  done
  wait
}

more=${planes#"$cp"}
on "$cp" "cat >/root/kubeadm.yaml && kubeadm init --config /root/kubeadm.yaml --skip-phases=addon/coredns ${more:+--upload-certs}" \
  <"$here/kubeadm.yaml" >"$tmp/init"
pin=$(grep -o 'sha256:[0-9a-f]*' "$tmp/init" | head -n 1)

pids=
network "$cp" &
pids="$pids $!"
for plane in $more; do
  key=$(grep -o -e '--certificate-key [0-9a-f]*' "$tmp/init" | head -n 1)
  on "$plane" "kubeadm join api.lab.internal:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash $pin --control-plane $key" >"$tmp/${plane%%=*}"
  network "$plane" &
  pids="$pids $!"
done
for worker in $workers; do
  {
    on "$worker" "kubeadm join api.lab.internal:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash $pin" >"$tmp/${worker%%=*}"
    network "$worker"
  } &
  pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done
