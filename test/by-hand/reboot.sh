#!/bin/sh
# A real reboot after `kubestrap phase run host`, on a machine of its own in QEMU without KVM: what a container cannot
# show, since there systemd ignores swap entries of fstab and GPT. By hand, as root: test/by-hand/reboot.sh [DIRECTORY]
# Needs qemu-system-x86_64, sfdisk, mkfs.ext4, rsync or cp, the lab's root file system and bundle in the cache
# (a lab or an end-to-end test makes them), dist (npm run build), and the mirror that file system was made from.
# The machine turns swap on by an fstab entry, by a GPT partition once there is no such entry, by zram-generator and
# dphys-swapfile, sets ip_forward = 0
# in /etc/sysctl.conf, and lets cloud-init write /etc/hosts at each boot. Prints a line for each; exit code 0: all held.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
work=${1:-$(mktemp -d /var/tmp/kubestrap-reboot.XXXXXX)}
cache=${KUBESTRAP_CACHE:-$HOME/.cache/kubestrap}
base=$(ls -d "$cache"/rootfs/bookworm-????????????/ | head -n 1)
base=${base%/}
bundle=$(ls -d "$cache"/bundle/*/ | head -n 1)
bundle=${bundle%/}
port=${PORT:-2299}
mkdir -p "$work"
root=$work/root image=$work/disk.img
pid=
cleanup() {
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || :
  for d in dev proc sys; do umount -R -l "$root/$d" 2>/dev/null || :; done
}
trap cleanup EXIT INT TERM
say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$*"; }

if [ ! -e "$work/made" ]; then
  say "root file system, from $base"
  rm -rf "$root" && cp -a --reflink=auto "$base" "$root"
  rm -f "$root"/etc/systemd/system/systemd-udev*
  for d in dev proc sys; do mount --rbind "/$d" "$root/$d" && mount --make-rslave "$root/$d"; done
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" && chmod 755 "$root/usr/sbin/policy-rc.d"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install \
    linux-image-cloud-amd64 initramfs-tools udev cloud-init systemd-zram-generator dphys-swapfile >"$work/apt.log" 2>&1
  rm -f "$root/usr/sbin/policy-rc.d"
  for d in dev proc sys; do umount -R -l "$root/$d"; done
  cp "$root"/boot/vmlinuz-* "$work/vmlinuz" && cp "$root"/boot/initrd.img-* "$work/initrd"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/boot/initrd.img-*
  echo 'machine' >"$root/etc/hostname"
  printf '/dev/vda1 / ext4 defaults 0 1\n/swapfile none swap sw 0 0\n' >"$root/etc/fstab"
  printf '[zram0]\nzram-size = 32\n' >"$root/etc/systemd/zram-generator.conf"
  printf 'CONF_SWAPSIZE=16\nCONF_SWAPFILE=/var/dphys-swap\n' >"$root/etc/dphys-swapfile"
  printf 'net.ipv4.ip_forward = 0\n' >>"$root/etc/sysctl.conf"
  ln -sf ../sysctl.conf "$root/etc/sysctl.d/99-sysctl.conf"
  printf 'datasource_list: [ None ]\nmanage_etc_hosts: true\nssh_deletekeys: false\npreserve_hostname: true\n' >"$root/etc/cloud/cloud.cfg.d/99-test.cfg"
  printf '[Match]\nName=e*\n[Network]\nDHCP=yes\n' >"$root/etc/systemd/network/10-all.network"
  ln -sf /lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
  rm -f "$work/key" && ssh-keygen -q -t ed25519 -N '' -f "$work/key"
  mkdir -p -m 700 "$root/root/.ssh" && cp "$work/key.pub" "$root/root/.ssh/authorized_keys"
  ssh-keygen -A -f "$root" >/dev/null

  say 'disk: GPT with a root and a swap partition'
  rm -f "$image" && truncate -s 3G "$image"
  printf 'label: gpt\nstart=2048, size=2900M, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\nsize=32M, type=0657FD6D-A4AB-43C4-84E5-0933C84B4F4F\n' | sfdisk -q "$image"
  mkfs.ext4 -q -F -d "$root" -E offset=$((2048 * 512)) "$image" 2900M
  truncate -s 32M "$work/swap" && mkswap -q "$work/swap"
  start=$(sfdisk -l -o Start "$image" | tail -n 1 | tr -d ' ')
  dd if="$work/swap" of="$image" bs=512 seek="$start" conv=notrunc status=none
  rm -rf "$root" && touch "$work/made"
fi

boot() {
  qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2048 -nographic -no-reboot -kernel "$work/vmlinuz" -initrd "$work/initrd" \
    -append 'root=/dev/vda1 rw console=ttyS0 quiet systemd.unified_cgroup_hierarchy=1' -drive "file=$image,format=raw,if=virtio" \
    -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-:22" -device virtio-net-pci,netdev=n </dev/null >>"$work/console.log" 2>&1 &
  pid=$!
  began=$(date +%s)
  until in_machine true 2>/dev/null; do
    kill -0 "$pid" || { tail -n 20 "$work/console.log"; exit 1; }
    [ $(($(date +%s) - began)) -lt 900 ] || { say 'no SSH within 900 s'; exit 1; }
    sleep 2
  done
  in_machine 'timeout 300 systemctl is-system-running --wait' >/dev/null || :
  say "booted in $(($(date +%s) - began)) s"
}
in_machine() {
  ssh -q -i "$work/key" -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=10 root@127.0.0.1 "$@"
}
halt() {
  in_machine 'systemctl poweroff' || :
  i=0
  while kill -0 "$pid" 2>/dev/null && [ $i -lt 120 ]; do sleep 1; i=$((i + 1)); done
  kill "$pid" 2>/dev/null || :
  pid=
}
look() {
  in_machine 'echo "swaps: $(tail -n +2 /proc/swaps | cut -d" " -f1 | tr "\n\t" "  ")"
    echo "ip_forward: $(cat /proc/sys/net/ipv4/ip_forward)"
    echo "endpoint: $(getent ahosts api.example | head -n 1 | cut -d" " -f1)"'
}

say 'first boot'
boot
# mkfs leaves holes in a file of zeros; with a swap entry in fstab systemd leaves GPT partitions alone
in_machine '[ -e /swapfile ] && [ $(stat -c %b /swapfile) -gt 32000 ] || { swapoff /swapfile 2>/dev/null; rm -f /swapfile; dd if=/dev/urandom of=/swapfile bs=1M count=16 status=none; chmod 600 /swapfile; mkswap -q /swapfile; }; swapon -a'
look | tee "$work/before"
cat >"$work/inventory.yaml" <<end
kubernetes: { version: "$(sed -n 's/.*"kubernetesVersion": *"\([^"]*\)".*/\1/p' "$bundle/bundle.json")", controlPlaneEndpoint: "api.example:6443" }
binaries: { bundle: $bundle }
ssh: { user: root, key: $work/key, port: $port, hostKeys: accept-new, knownHosts: $work/known_hosts }
hosts:
  machine: { address: 10.0.2.15, ssh: { host: 127.0.0.1 }, roles: [control-plane, worker] }
end
say 'kubestrap phase run host'
node "$here/bin/kubestrap.js" phase run -i "$work/inventory.yaml" --ignore-preflight all host
look
say 'reboot'
halt
boot
look | tee "$work/after"
say 'kubestrap phase run host, once more: nothing may be left to do'
node "$here/bin/kubestrap.js" phase run -i "$work/inventory.yaml" --ignore-preflight all host | tee "$work/again"
halt

wrong=0
expect() { if grep -Eqx "$2" "$work/$1"; then say "held: $3"; else say "WRONG: $3 ($(grep "${2%%:*}:" "$work/$1"))"; wrong=1; fi; }
for swap in /swapfile /dev/zram0 /var/dphys-swap; do expect before "swaps: .*$swap .*" "before, $swap swaps"; done
expect before 'ip_forward: 0' 'before, /etc/sysctl.conf has the last word'
expect after 'swaps: *' 'after the reboot nothing swaps'
expect after 'ip_forward: 1' 'after the reboot ip_forward is 1'
expect after 'endpoint: 10.0.2.15' 'after the reboot the endpoint has its address'
grep -q 'Nothing to change' "$work/again" || { say 'WRONG: something was left to do'; wrong=1; }
exit $wrong
