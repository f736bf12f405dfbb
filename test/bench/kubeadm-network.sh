#!/bin/sh
# The pod network of inventories' network: bridge on one node, as kubestrap makes it. $1 the node's podCIDR
set -eu
cat >/etc/cni/net.d/10-bridge.conflist <<EOF
{
  "cniVersion": "0.4.0",
  "name": "bridge",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": "$1" }]], "routes": [{ "dst": "0.0.0.0/0" }] }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
EOF
iptables -w -I FORWARD -s 10.244.0.0/16 -j ACCEPT
iptables -w -I FORWARD -d 10.244.0.0/16 -j ACCEPT
iptables -w -t nat -I POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
