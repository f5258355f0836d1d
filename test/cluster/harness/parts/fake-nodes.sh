# shellcheck shell=bash
# Simulated nodes, whose pods kwok moves through their phases (see kwok-stages.yaml). Sourced by machine.sh.

start_fake_nodes() {
  local count=$1 index
  run kwok "$bin/kwok" --kubeconfig admin.conf --config "$harness/kwok-stages.yaml" --manage-all-nodes \
    --node-lease-duration-seconds 40
  for ((index = 1; index <= count; index++)); do fake_node "fake-$index"; done |
    "$bin/kubectl" apply --filename - > /dev/null
  await 'the simulated nodes' "$bin/kubectl" wait --for=condition=Ready node --all --timeout=5s
}

fake_node() {
  local resources='{cpu: "1000", memory: 4Ti, pods: "10000"}'
  cat << YAML
---
apiVersion: v1
kind: Node
metadata: {name: $1, labels: {kubernetes.io/hostname: $1}}
status: {capacity: $resources, allocatable: $resources}
YAML
}
