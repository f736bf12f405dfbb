#!/bin/sh
# Runs one lab machine, from boot to boot until it is switched off. $1 name, $2 root, $3 bridge, $4 data directory, $5 address
# with prefix, $6 gateway, $7 file that names its systemd-nspawn; whoever removes that file wants no further boot.
set -eu
name=$1 root=$2 bridge=$3 data=$4 address=$5 gateway=$6 file=$7

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

# networkd waits for udev, which containers do not have: the address comes from outside. Cgroup mounts are read-only in the
# machine until they are remounted from within its mount namespace.
set_up() { # PID of nspawn
  i=0
  until leader=$(cut -d' ' -f1 "/proc/$1/task/$1/children" 2>/dev/null) && [ -n "$leader" ] &&
    nsenter -t "$leader" -n ip link show host0 >/dev/null 2>&1; do
    i=$((i + 1))
    [ $i -lt 600 ] && [ -e "/proc/$1" ] || return 1
    sleep 0.1
  done
  nsenter -t "$leader" -n ip link set lo up &&
    nsenter -t "$leader" -n ip address replace "$address" dev host0 &&
    nsenter -t "$leader" -n ip link set host0 up &&
    nsenter -t "$leader" -n ip route replace default via "$gateway" || return 1
  nsenter -t "$leader" -m -C -p sh -c 'i=0; while [ ! -d /run/systemd/system ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done
    [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] || for c in /sys/fs/cgroup/*; do
      [ -L "$c" ] || ! mountpoint -q "$c" || mount -o remount,bind,rw "$c" || :
    done'
}
# a process that cannot be mistaken for a later one with the same number: field 22 of its stat is when it began
named() { # PID
  began=$(sed 's/.*) //' "/proc/$1/stat" | cut -d' ' -f20)
  printf '{"pid":%s,"started":"%s"}' "$1" "$began" >"$file.new" && mv -f "$file.new" "$file"
}

while :; do
  systemd-nspawn "$@" &
  pid=$!
  named $pid
  set_up $pid || echo "machine $name has no network" >&2
  code=0
  wait $pid || code=$?
  # with --keep-unit nspawn leaves it to others to begin again what has rebooted, and says so
  [ $code = 133 ] || exit $code
  i=0
  while ip link show "vb-$name" >/dev/null 2>&1; do
    i=$((i + 1))
    [ $i -lt 100 ] || ip link delete "vb-$name" || :
    sleep 0.05
  done
  [ -e "$file" ] || exit 0
done
