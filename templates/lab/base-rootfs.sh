#!/bin/sh
# Makes the root file system all lab machines stand on.
# $1 where to (must not exist)  $2 suite  $3 packages, comma separated  $4 "wrap-runc" or ""  $5 path of runc-wrapper
# $6 packages to fetch but not install, space separated
set -eu
out=$1 suite=$2 packages=$3 wrap=$4 wrapper=$5 fetch=$6
tmp="$out.part"
umount -R "$tmp/proc" 2>/dev/null || :
rm -rf "$tmp"
mkdir -p "$tmp"
# the mirror this machine itself uses, first of either style of source list
mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *\([^ ]*debian\)\/\{0,1\}.*$/\1/p' | head -n 1)
[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*debian\)\/\{0,1\} .*$/\2/p' | head -n 1)
debootstrap --variant=minbase --include="$packages" "$suite" "$tmp" ${mirror:+"$mirror"}

# quiet machines: nothing that waits for hardware, networks or users
for unit in systemd-networkd-wait-online.service systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket \
  systemd-udevd-kernel.socket apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer \
  console-getty.service getty@tty1.service systemd-timesyncd.service; do
  ln -sf /dev/null "$tmp/etc/systemd/system/$unit"
done
mkdir -p "$tmp/etc/ssh/sshd_config.d"
printf 'UseDNS no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\n' >"$tmp/etc/ssh/sshd_config.d/lab.conf"
rm -f "$tmp"/etc/ssh/ssh_host_* "$tmp/etc/machine-id" "$tmp/etc/hostname"
chroot "$tmp" systemctl enable ssh.service >/dev/null 2>&1
chroot "$tmp" useradd --create-home --shell /bin/bash ops
printf 'ops ALL=(ALL) NOPASSWD: ALL\n' >"$tmp/etc/sudoers.d/ops"
chmod 0440 "$tmp/etc/sudoers.d/ops"

if [ "$wrap" = wrap-runc ]; then
  # in place before any package brings runc: dockerd does not start with a divert that leads nowhere
  chroot "$tmp" dpkg-divert --quiet --local --rename --divert /usr/sbin/runc.real --add /usr/sbin/runc
  cp "$wrapper" "$tmp/usr/sbin/runc"
  chmod 0755 "$tmp/usr/sbin/runc"
fi

# archives for later, so that machines install without the network; names stay as the product asks for them
printf 'Acquire::Languages "none";\nAPT::Keep-Downloaded-Packages "true";\nBinary::apt::APT::Keep-Downloaded-Packages "true";\n' >"$tmp/etc/apt/apt.conf.d/90lab"
cp /etc/resolv.conf "$tmp/etc/resolv.conf" 2>/dev/null || :
chroot "$tmp" apt-get -qq update
chroot "$tmp" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --download-only install $fetch
sync
mv "$tmp" "$out"
