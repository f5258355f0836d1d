#!/bin/bash
# Builds Kubernetes and what it needs from the Go modules pinned in tools/, once, and prints the folder of the binaries.
# A cold build takes about ten minutes on two cores; a second caller waits for the first one's build.
set -euo pipefail
# shellcheck source=parts/settings.sh
source "$(dirname "$0")/parts/settings.sh"

main() {
  bin=$(binaries)
  if ! is_built; then
    command -v go > /dev/null || fail "go is missing: install version $(go_version) or newer (https://go.dev/dl)"
    mkdir -p "$bin"
    build_once >&2 9< "$bin"
  fi
  echo "$bin"
}

build_once() {
  flock 9
  is_built && return
  local tool
  for tool in "$harness"/tools/*/; do
    echo "building $(basename "$tool")"
    # The tags leave out containerd's snapshotters that need C libraries.
    (cd "$tool" && CGO_ENABLED=0 go build -trimpath -tags 'no_btrfs no_zfs no_devmapper' \
      -ldflags "-s -w $(version_flags "$tool")" -o "$bin/" tool)
  done
  # etcd's main package is a folder called server.
  mv "$bin/server" "$bin/etcd"
  touch "$bin/.complete"
}

# Kubernetes' own build stamps its version; without it the API server calls itself v0.0.0 and clients refuse it.
version_flags() {
  [ "$(basename "$1")" = kubernetes ] || return 0
  local version stamp=k8s.io/component-base/version
  version=$(GOFLAGS=-mod=mod go list -m -f '{{.Version}}' k8s.io/kubernetes)
  echo "-X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$(echo "$version" | cut -d. -f2)"
}

main
