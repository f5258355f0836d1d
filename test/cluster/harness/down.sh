#!/bin/bash
# Ends a cluster and removes all that it has on this machine: processes, mounts, network, control groups and files.
# It also cleans up after a start that was cut short; where there is nothing it does nothing.
#
#   down.sh [--name NAME]
set -euo pipefail
# shellcheck source=parts/settings.sh
source "$(dirname "$0")/parts/settings.sh"
# shellcheck source=parts/addresses.sh
source "$harness/parts/addresses.sh"
# shellcheck source=parts/stop.sh
source "$harness/parts/stop.sh"

main() {
  local name=default
  case ${1:-} in
    '') ;;
    --name) name=${2:?--name needs a name} ;;
    *) fail "unknown argument '$1'; usage: down.sh [--name NAME]" ;;
  esac
  choose_cluster "$name"
  [ -e "$state" ] || return 0
  if [ ! -e "$state/$state_marker" ]; then
    # A start may have been killed between making the folder and marking it.
    rmdir "$state" 2> /dev/null || fail "$state is not the state folder of a cluster: it is left as it is"
    return
  fi
  stop_cluster
  rm -rf "$state"
}

main "$@"
