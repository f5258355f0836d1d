# shellcheck shell=bash
# Names and places that all scripts here agree on. Sourced, never run.

harness=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${FIELDTRIAL_CLUSTER_CACHE:-$HOME/.cache/fieldtrial-cluster}

# Sets `name` and `state`. Unix sockets below the state folder limit its length: their paths end at 107 bytes.
choose_cluster() {
  name=$1
  [[ $name =~ ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ ]] || fail "cluster name '$name' must consist of a-z, 0-9 and -"
  state=${FIELDTRIAL_CLUSTER_STATE:-/tmp/fieldtrial-cluster-$name}
  [[ $state == /* ]] || fail "state folder '$state' must be an absolute path"
  [ ${#state} -le 70 ] || fail "state folder '$state' is longer than 70 characters"
}

# The folder of the pinned binaries, named after the pins.
binaries() {
  local digest
  digest=$(cat "$harness"/tools/*/go.mod "$harness"/tools/*/go.sum | sha256sum | cut -c1-12)
  echo "$cache/$digest"
}

is_built() {
  [ -e "$(binaries)/.complete" ]
}

# The newest Go version that any of the pinned modules asks for.
go_version() {
  sed -n 's/^go //p' "$harness"/tools/*/go.mod | sort --version-sort | tail -n 1
}

fail() {
  echo "$*" >&2
  exit 1
}
