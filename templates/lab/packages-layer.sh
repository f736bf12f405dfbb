#!/bin/sh
# Makes a layer that has more packages than the root file system it lies on.
# $1 that root file system  $2 where to (must not exist)  $3… names of packages
set -eu
base=$1 out=$2
shift 2
tmp=$out.part
umount "$tmp/root/proc" 2>/dev/null || :
umount "$tmp/root" 2>/dev/null || :
rm -rf "$tmp"
mkdir -p "$tmp/upper" "$tmp/work" "$tmp/root"
end() {
  umount "$tmp/root/proc" 2>/dev/null || :
  umount "$tmp/root" 2>/dev/null || :
}
trap end EXIT
mount -t overlay overlay -o "lowerdir=$base,upperdir=$tmp/upper,workdir=$tmp/work" "$tmp/root"
mount -t proc proc "$tmp/root/proc"

# no daemon starts in here
printf '#!/bin/sh\nexit 101\n' >"$tmp/root/usr/sbin/policy-rc.d"
chmod 0755 "$tmp/root/usr/sbin/policy-rc.d"
install() { chroot "$tmp/root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y --no-install-recommends install "$@"; }
# lists of an older day name archives that are gone
install "$@" || { chroot "$tmp/root" apt-get -q update && install "$@"; }
rm "$tmp/root/usr/sbin/policy-rc.d"
end
trap - EXIT
sync
mv "$tmp/upper" "$out"
rm -rf "$tmp"
