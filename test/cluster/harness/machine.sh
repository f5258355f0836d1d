#!/bin/bash
# Runs every component of a cluster, in its state folder, and ends all of them when one ends. With a real node it is the
# first process of the namespaces that up.sh makes, and starts itself a second time to be in one for control groups too.
set -euo pipefail
harness=$(cd "$(dirname "$0")" && pwd)
state=$PWD
# shellcheck source=/dev/null
source "$state/cluster.env"
# shellcheck source=parts/settings.sh
source "$harness/parts/settings.sh"
# shellcheck source=parts/addresses.sh
source "$harness/parts/addresses.sh"
# shellcheck source=parts/control-groups.sh
source "$harness/parts/control-groups.sh"
# shellcheck source=parts/components.sh
source "$harness/parts/components.sh"
# shellcheck source=parts/control-plane.sh
source "$harness/parts/control-plane.sh"
# shellcheck source=parts/fake-nodes.sh
source "$harness/parts/fake-nodes.sh"
# shellcheck source=parts/node.sh
source "$harness/parts/node.sh"

main() {
  derive_addresses "$number"
  export KUBECONFIG=$state/admin.conf KUBECACHEDIR=$state/kubectl
  if [ "$kind" = node ]; then
    if [ "${1:-}" != in-own-control-groups ]; then
      join_control_groups
      exec unshare --cgroup bash "$harness/machine.sh" in-own-control-groups
    fi
    show_own_control_groups
    keep_to_itself
    take_network
  else
    trap 'kill -KILL -- -$$' EXIT
  fi
  start_control_plane
  # shellcheck disable=SC2154 # fake_nodes is set in cluster.env
  case $kind in
    node) start_node ;;
    fake-nodes) start_fake_nodes "$fake_nodes" ;;
  esac
  await 'the default service account' "$bin/kubectl" --namespace default get serviceaccount default
  touch ready
  wait_for_components
}

main "$@"
