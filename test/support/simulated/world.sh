#!/bin/sh
# First process of a simulated world: a private mount, network and process namespace in which all of its
# hosts live. $1 directory for everything (a tmpfs, seen in here only)  $2 address of the hosts' gateway
# ("10.91.0.1/16"). Standard input: the world ends when it is closed, and with it every process and mount.
set -eu
exec 3<&0 </dev/null
mount -t tmpfs -o mode=0755 world "$1"
ip link set lo up
ip link add switch type bridge
ip addr add "$2" dev switch
ip link set switch up
echo ready
exec >/dev/null
cat <&3 &
wait $!
