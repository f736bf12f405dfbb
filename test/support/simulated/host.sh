#!/bin/sh
# First process of a simulated host, in namespaces of its own: mounts its root over the base root file
# system and stays. $1 directory (upper/ is the host's disk and outlives this process)  $2 base root file
# system  $3 $4 directories of programs that stand in for container images. The host ends with this process.
set -eu
exec 3<&0 </dev/null
dir=$1 root=$1/root
mkdir -p "$dir/upper" "$dir/work" "$root"
mount -t overlay overlay -o "lowerdir=$2,upperdir=$dir/upper,workdir=$dir/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=0755 run "$root/run"
mkdir -p "$root/run/systemd/system" "$root/run/lock" "$root/run/simulated/units" "$root/run/simulated/containers"
# of the kernel's settings only those may be written that belong to a namespace of this host
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
for own in net kernel/hostname; do
  mount --bind "$root/proc/sys/$own" "$root/proc/sys/$own"
  mount -o remount,bind,rw "$root/proc/sys/$own"
done
# every boot of this host has an id of its own
cat "$root/proc/sys/kernel/random/uuid" >"$root/run/simulated/boot_id"
mount --bind "$root/run/simulated/boot_id" "$root/proc/sys/kernel/random/boot_id"
# swap is the whole machine's: this host has a file of its own that says which it has
mount --bind "$root/var/lib/simulated/swaps" "$root/proc/swaps"
for programs in "$3" "$4"; do
  at=$root/opt/simulated/${programs##*/}
  mkdir -p "$at"
  mount --bind "$programs" "$at"
  mount -o remount,bind,ro "$at"
done
cat "$root/etc/hostname" >"$root/proc/sys/kernel/hostname"
ip link set lo up
echo 0 >"$root/proc/sys/net/ipv4/ip_forward"
exec chroot "$root" /bin/sh -c 'echo ready; exec >/dev/null; cat <&3 & wait $!'
