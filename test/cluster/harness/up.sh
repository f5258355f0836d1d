#!/bin/bash
# Starts a Kubernetes cluster on this machine and prints the path of its administrator's kubeconfig once it is ready.
#
#   up.sh [--name NAME] [--no-node | --fake-nodes N] [--owner PID]
#
#   --name NAME      clusters of different names run side by side [default]
#   --no-node        the control plane alone, which needs no root: pods stay Pending
#   --fake-nodes N   the control plane and N simulated nodes, which need no root: pods run and finish without containers
#   --owner PID      the cluster stops by itself when that process has ended
#
# Environment: FIELDTRIAL_CLUSTER_STATE, FIELDTRIAL_CLUSTER_CACHE, CLUSTER_PORT, APISERVER_FLAGS, KCM_FLAGS;
# docs/testing.md says what they are for.
set -euo pipefail
# shellcheck source=parts/settings.sh
source "$(dirname "$0")/parts/settings.sh"
# shellcheck source=parts/requirements.sh
source "$harness/parts/requirements.sh"
# shellcheck source=parts/addresses.sh
source "$harness/parts/addresses.sh"
# shellcheck source=parts/credentials.sh
source "$harness/parts/credentials.sh"
# shellcheck source=parts/stop.sh
source "$harness/parts/stop.sh"

deadline_seconds=180

main() {
  read_arguments "$@"
  require_for_cluster "$kind"
  bin=$(bash "$harness/build.sh")
  take_state_folder
  cd "$state"
  mkdir logs
  derive_addresses "$number"
  describe_cluster > cluster.env
  make_credentials
  start_machine
  if [ "$kind" = node ]; then join_networks; fi
  wait_until_machine 'is ready' test -e ready
  trap - EXIT
  echo "$state/admin.conf"
}

read_arguments() {
  name=default kind=node fake_nodes=0 owner=
  while [ $# -gt 0 ]; do
    case $1 in
      --name) name=${2:?--name needs a name} && shift ;;
      --no-node) kind=control-plane ;;
      --fake-nodes) kind=fake-nodes fake_nodes=${2:?--fake-nodes needs a number} && shift ;;
      --owner) owner=${2:?--owner needs a process id} && shift ;;
      *) fail "unknown argument '$1'; usage: up.sh [--name NAME] [--no-node | --fake-nodes N] [--owner PID]" ;;
    esac
    shift
  done
  [[ $fake_nodes =~ ^[0-9]+$ ]] || fail "--fake-nodes '$fake_nodes' must be a number"
  choose_cluster "$name"
  if [ "$kind" = node ] && [[ $state =~ ^/(run|var/lib|var/log)/ ]]; then
    fail "state folder '$state' must not be below /run, /var/lib or /var/log, of which a node gets its own"
  fi
}

# Makes the state folder and claims the cluster's number, while the lock of /tmp keeps other starts out. The folder's
# own lock then stays with this script and with every process of the cluster: whoever can take it knows that nothing is
# left.
take_state_folder() {
  exec 8< /tmp
  flock 8
  if [ -e "$state" ]; then
    flock --nonblock "$state" true ||
      fail "cluster '$name' is running or being started; stop it with: bash $harness/down.sh --name $name"
    # Remains of a start that was killed or of a machine that was restarted.
    FIELDTRIAL_CLUSTER_STATE=$state bash "$harness/down.sh" --name "$name" 8<&-
  fi
  mkdir "$state"
  trap give_up EXIT
  touch "$state/$state_marker"
  exec 9< "$state"
  flock 9
  number=$(claim_number)
  exec 8<&-
}

# What the scripts that come later have to know; also read by cluster.ts.
describe_cluster() {
  echo "name='$name'"
  echo "kind='$kind'"
  echo "number='$number'"
  echo "fake_nodes='$fake_nodes'"
  echo "bin='$bin'"
  if [ "$kind" = node ]; then echo "host_address='$host_address'"; fi
}

start_machine() {
  local namespaces=()
  # Ending the one unshare process ends everything in it: processes, mounts and the network.
  if [ "$kind" = node ]; then namespaces=(unshare --mount --net --pid --fork --kill-child --mount-proc); fi
  setsid bash "$harness/parts/launch.sh" "$owner" "${namespaces[@]}" bash "$harness/machine.sh" \
    > logs/machine.log 2>&1 < /dev/null &
  disown
  wait_until_machine 'has started' test -s machine.pid
  machine=$(< machine.pid)
}

# Links this machine to the node's network, and routes pods and services through the node.
join_networks() {
  wait_until_machine 'has its own network' has_own_network
  ip link add "$link_name" type veth peer name node0 netns "$machine"
  ip addr add "$host_address/30" dev "$link_name"
  ip link set "$link_name" up
  ip route add "$pod_range" via "$node_address"
  ip route add "$service_range" via "$node_address"
}

has_own_network() {
  [ "$(readlink "/proc/$machine/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

wait_until_machine() {
  local what=$1
  shift
  until "$@"; do
    [ ! -s machine.pid ] || kill -0 "$(< machine.pid)" 2> /dev/null || fail "cluster '$name' failed to start"
    [ "$SECONDS" -lt $deadline_seconds ] || fail "cluster '$name' took longer than ${deadline_seconds}s until it $what"
    sleep 0.1
  done
}

# Stops what was started and leaves the logs for reading; the next up.sh or down.sh of this name removes them.
give_up() {
  tail -n 5 "$state"/logs/*.log >&2 || true
  echo "all logs: $state/logs" >&2
  exec 9<&-
  stop_cluster
  find "$state" -mindepth 1 -maxdepth 1 ! -name logs ! -name "$state_marker" -exec rm -rf {} +
}

main "$@"
