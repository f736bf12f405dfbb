#!/bin/sh
# Pod network of kubestrap (network: bridge). Run by kubestrap-bridge.service when the machine starts.
# Routes to the other nodes' pods, and the rules that let pod traffic pass and leave.
set -eu
dir=/etc/kubestrap/bridge
read -r subnet <"$dir/pod-subnet"

ensure() { # table chain rule…: once, first in its chain
  table=$1 chain=$2
  shift 2
  iptables -w -t "$table" -C "$chain" "$@" 2>/dev/null || iptables -w -t "$table" -I "$chain" "$@"
}
remove() {
  table=$1 chain=$2
  shift 2
  while iptables -w -t "$table" -D "$chain" "$@" 2>/dev/null; do :; done
}
rules() { # ensure|remove: Docker sets the FORWARD policy to DROP, hence the two accepts
  "$1" filter FORWARD -s "$subnet" -m comment --comment kubestrap-bridge -j ACCEPT
  "$1" filter FORWARD -d "$subnet" -m comment --comment kubestrap-bridge -j ACCEPT
  "$1" nat POSTROUTING -s "$subnet" ! -d "$subnet" -m comment --comment kubestrap-bridge -j MASQUERADE
}

routes() { # CIDR ADDRESS NODE of each; without the node in the files of kubestrap 0.1.0
  for f in "$dir"/routes/*; do
    [ ! -f "$f" ] || cat "$f"
  done
}

case ${1:-start} in
start)
  rules ensure
  routes | while read -r cidr via name; do
    ip route replace "$cidr" via "$via" || echo "no route to $cidr via $via, the Pods of $name" >&2
  done
  ;;
stop)
  rules remove
  routes | while read -r cidr via _; do
    ip route del "$cidr" via "$via" 2>/dev/null || :
  done
  ;;
esac
