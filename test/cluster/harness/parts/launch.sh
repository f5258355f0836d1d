#!/bin/bash
# Leads the process group of a cluster, in its state folder: launch.sh OWNER COMMAND ARGUMENT…
# OWNER is the process whose end ends the cluster, or empty.
owner=$1
shift
parts=$(dirname "${BASH_SOURCE[0]}")

stop_with_owner() {
  exec 9<&-
  while kill -0 "$owner" 2> /dev/null; do sleep 1; done
  # In a session of its own, because it ends this process group.
  FIELDTRIAL_CLUSTER_STATE=$PWD exec setsid bash "$parts/../down.sh"
}

echo $$ > machine.pid
if [ -n "$owner" ]; then stop_with_owner & fi
exec "$@"
