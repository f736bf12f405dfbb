#!/bin/sh
# A root file system from Debian's binary packages: $1 where to, then package names. No maintainer
# scripts run; for images that need a program and its libraries.
set -eu
root=$1
shift
debs=$root.debs
rm -rf "$root" "$debs"
mkdir -p "$root" "$debs"
cd "$debs"
apt-get -q download -o APT::Sandbox::User=root "$@"
for d in bin sbin lib lib64; do
  mkdir -p "$root/usr/$d"
  ln -s "usr/$d" "$root/$d"
done
for deb in *.deb; do
  mkdir one
  dpkg-deb -x "$deb" one
  # packages of before the /usr merge still carry /lib and /sbin
  for d in bin sbin lib lib64; do
    [ ! -d "one/$d" ] || { mkdir -p "one/usr/$d" && cp -a "one/$d/." "one/usr/$d/" && rm -rf "one/$d"; }
  done
  cp -a one/. "$root/"
  rm -rf one
done
rm -rf "$debs" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale" "$root/usr/share/lintian" "$root/usr/share/bash-completion"
ldconfig -r "$root" 2>/dev/null || :
