#!/bin/sh
# Fetches and unpacks Debian's source package of Kubernetes into $1, GOPATH layout, with source lists of
# its own: the machine's apt configuration is read, never changed.
set -eu
gopath=$1
work=$gopath/apt
mkdir -p "$work/sources" "$work/lists/partial" "$work/cache/archives/partial" "$gopath/src/k8s.io"
for f in /etc/apt/sources.list.d/*.sources; do
  [ ! -e "$f" ] || sed 's/^Types:.*/Types: deb-src/' "$f" | grep -v '^#' >"$work/sources/$(basename "$f")"
done
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -e "$f" ] || sed -n 's/^deb /deb-src /p' "$f" >"$work/sources/$(basename "$f" .list).list"
done
apt="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$work/sources -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache -o APT::Sandbox::User=root"
apt-get -q $apt update || echo "some source lists could not be read" >&2
cd "$work"
apt-get -q $apt source --download-only kubernetes
dpkg-source --no-check -x kubernetes_*.dsc "$gopath/src/k8s.io/kubernetes"
rm -rf "$work"
