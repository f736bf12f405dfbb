#!/bin/sh
# Ends both sides: waits, seen from here, until the cluster has so many nodes and all are Ready.
# $1 directory of the lab's SSH keys  $2 the control plane's address  $3 how many nodes  $4 kubectl
set -eu
KUBECONFIG=$(mktemp)
export KUBECONFIG
trap 'rm -f "$KUBECONFIG"' EXIT
ssh -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="$1/known_hosts" -i "$1/id_ed25519" "root@$2" \
  "sed 's,server: .*,server: https://$2:6443,' /etc/kubernetes/admin.conf" >"$KUBECONFIG"
until [ "$("$4" get nodes -o name | wc -l)" -eq "$3" ]; do sleep 0.2; done
"$4" wait --for=condition=Ready nodes --all --timeout=300s
