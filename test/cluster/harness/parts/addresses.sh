# shellcheck shell=bash
# Addresses and ports of a cluster, all derived from one small number, so that clusters can run side by side.
# Sourced, never run.

# Claims the smallest number that is free on this machine for the cluster in $state, and prints it.
# A claim is a symbolic link to the state folder: made in one step, and void once that folder is gone.
# The caller holds the lock of /tmp (see up.sh), without which two callers could drop a void claim at once.
claim_number() {
  local number
  for number in {0..60}; do
    drop_void_claim "$number"
    derive_addresses "$number"
    if [ ! -L "$(claim "$number")" ] && addresses_are_free && ln -sT "$state" "$(claim "$number")" 2> /dev/null; then
      echo "$number"
      return
    fi
  done
  fail 'all 61 numbers for clusters are taken on this machine: see /tmp/fieldtrial-number-*'
}

claim() {
  echo "/tmp/fieldtrial-number-$1"
}

drop_void_claim() {
  local owner
  owner=$(readlink "$(claim "$1")") || return 0
  [ -e "$owner" ] || rm -f "$(claim "$1")" 2> /dev/null || true
}

# Prints the number of the cluster in $state, or nothing.
claimed_number() {
  local link
  for link in "$(claim '')"*; do
    if [ "$(readlink "$link")" = "$state" ]; then echo "${link##*-}"; fi
  done
}

# Sets the addresses of the cluster with this number.
derive_addresses() {
  local number=$1
  link_name=fieldtrial$number
  cgroup=fieldtrial-cluster-$number
  link_range=10.250.$number.0/30
  host_address=10.250.$number.1
  node_address=10.250.$number.2
  pod_range=10.$((128 + 2 * number)).0.0/16
  service_prefix=10.$((129 + 2 * number)).0
  service_range=$service_prefix.0/16
  dns_address=$service_prefix.10
  if [ "$kind" = node ]; then
    # The node has a network of its own, where nobody else takes a port.
    api_address=$node_address
    api_port=${CLUSTER_PORT:-6443}
    etcd_port=$((api_port + 1000))
  else
    # Below the range that Linux takes the ports of outgoing connections from.
    api_address=127.0.0.1
    api_port=${CLUSTER_PORT:-$((21000 + 3 * number))}
    etcd_port=$((api_port + 1))
  fi
}

addresses_are_free() {
  if [ "$kind" = node ]; then
    no_route_within "$link_range" && no_route_within "$pod_range" && no_route_within "$service_range"
  else
    port_is_free "$api_port" && port_is_free "$etcd_port" && port_is_free $((etcd_port + 1))
  fi
}

no_route_within() {
  [ -z "$(ip -4 route show root "$1")" ]
}

port_is_free() {
  ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null
}
