#!/bin/sh
# Builds Kubernetes from Debian's source package, unpacked in $1/src/k8s.io/kubernetes (GOPATH layout).
# $1 GOPATH  $2 output directory  $3 version to stamp, "1.20.2"  $4 names of programs, space separated
set -eu
export GOPATH=$1 GO111MODULE=off CGO_ENABLED=0 GOFLAGS= GOCACHE=$1/cache LC_ALL=C
out=$2 version=$3 programs=$4
cd "$GOPATH/src/k8s.io/kubernetes"
mkdir -p "$out"

# Go 1.18 changed map iterators; the vendored reflect2 crashes in json-iterator. Debian's is mended.
rm -rf vendor/github.com/modern-go/reflect2
cp -r /usr/share/gocode/src/github.com/modern-go/reflect2 vendor/github.com/modern-go/

# The API server needs its OpenAPI definitions generated. `make` takes four minutes to decide so;
# the generator itself needs seconds.
go build -o "$GOPATH/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
tagged() {
  (cd staging/src && grep -rl --include=*.go '+k8s:openapi-gen=' k8s.io | grep -v -e code-generator -e sample-apiserver -e /testdata/ |
    xargs -n1 dirname | sort -u | sed 's,^,k8s.io/kubernetes/vendor/,')
  grep -rl --include=*.go '+k8s:openapi-gen=' pkg cmd plugin | xargs -n1 dirname | sort -u | sed 's,^,k8s.io/kubernetes/,'
}
generate() { # output package; packages on stdin
  "$GOPATH/openapi-gen" --logtostderr -i "$(tr '\n' ',' | sed 's/,$//')" -p "$1" -O zz_generated.openapi \
    -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$GOPATH/ignored.report"
}
common='-e apimachinery/pkg/apis/meta/v1$ -e apimachinery/pkg/runtime$ -e apimachinery/pkg/version$'
tagged | generate k8s.io/kubernetes/pkg/generated/openapi
tagged | grep -e apiextensions-apiserver -e '/api/autoscaling/v1$' $common | generate k8s.io/kubernetes/vendor/k8s.io/apiextensions-apiserver/pkg/generated/openapi
tagged | grep -e kube-aggregator $common | generate k8s.io/kubernetes/vendor/k8s.io/kube-aggregator/pkg/generated/openapi

flags="-s -w"
major=${version%%.*} rest=${version#*.}
minor=${rest%%.*}
for package in component-base/version client-go/pkg/version; do
  at=k8s.io/kubernetes/vendor/k8s.io/$package
  flags="$flags -X $at.gitVersion=v$version -X $at.gitMajor=$major -X $at.gitMinor=$minor"
  flags="$flags -X $at.gitCommit=debian -X $at.gitTreeState=clean -X $at.buildDate=1970-01-01T00:00:00Z"
done
set --
for program in $programs; do set -- "$@" "./cmd/$program"; done
go build -v -ldflags "$flags" -o "$out/" "$@"

pause=$(ls build/pause/linux/pause.c build/pause/pause.c 2>/dev/null | head -n 1)
gcc -Os -Wall -static -DVERSION=lab -o "$out/pause" "$pause"
strip "$out/pause"
