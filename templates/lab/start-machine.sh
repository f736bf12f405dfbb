#!/bin/sh
# Becomes the systemd-nspawn of one lab machine. $1 name, $2 root, $3 bridge, $4 data directory; the pid stays.
set -eu
name=$1 root=$2 bridge=$3 data=$4

if [ "$(stat -fc %T /sys/fs/cgroup)" != cgroup2fs ]; then
  # Its own cgroup in every hierarchy, so that the cgroup namespace makes that the machine's root;
  # otherwise all machines would share one /kubepods.
  for c in /sys/fs/cgroup/*; do
    [ -e "$c/cgroup.procs" ] && [ ! -L "$c" ] || continue
    g=$c/lab-$name
    mkdir -p "$g"
    for f in cpuset.cpus cpuset.mems; do [ ! -e "$c/$f" ] || cat "$c/$f" >"$g/$f"; done
    echo $$ >"$g/cgroup.procs"
  done
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=0
fi
export SYSTEMD_NSPAWN_USE_CGNS=1 SYSTEMD_NSPAWN_API_VFS_WRITABLE=1

set -- --directory="$root" --boot --machine="$name" --capability=all --network-bridge="$bridge" \
  --register=no --keep-unit --system-call-filter='add_key keyctl bpf perf_event_open' --resolv-conf=off \
  --bind-ro=/dev/kmsg
for d in containerd docker kubelet etcd; do
  mkdir -p "$data/$d"
  set -- "$@" --bind="$data/$d:/var/lib/$d"
done
[ ! -d /lib/modules ] || set -- "$@" --bind-ro=/lib/modules
exec systemd-nspawn "$@"
