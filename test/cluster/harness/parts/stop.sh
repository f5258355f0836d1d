# shellcheck shell=bash
# Ends a cluster in whatever state it is. Sourced, never run.

# Made first in a state folder, so that no other folder is ever removed.
state_marker=.fieldtrial-cluster

# Removes all that the cluster in $state has on this machine but the folder itself.
stop_cluster() {
  local number
  kill_processes
  wait_for_processes
  number=$(claimed_number)
  if [ -n "$number" ]; then
    remove_link "fieldtrial$number"
    remove_cgroups "fieldtrial-cluster-$number"
    rm -f "$(claim "$number")"
  fi
}

# Without grace: all that they write is thrown away.
kill_processes() {
  local leader pid
  [ -s "$state/machine.pid" ] || return 0
  leader=$(< "$state/machine.pid")
  # After a restart of the machine the id may be somebody else's; the cluster's own processes work in its folder.
  for pid in $(pgrep --pgroup "$leader"); do
    if [ "$(readlink "/proc/$pid/cwd")" = "$state" ]; then kill -KILL "$pid" 2> /dev/null || true; fi
  done
}

# Every process of the cluster holds the lock of its folder (see up.sh).
wait_for_processes() {
  flock --timeout 20 "$state" true || fail "processes of the cluster in $state do not end"
}

remove_link() {
  ip link show "$1" > /dev/null 2>&1 || return 0
  # It goes by itself with the namespace of its other end, perhaps in this moment.
  ip link delete "$1" 2> /dev/null || ! ip link show "$1" > /dev/null 2>&1 || fail "the interface $1 cannot be removed"
}

remove_cgroups() {
  local root attempt
  # Version 1 has a hierarchy per controller below /sys/fs/cgroup, version 2 a single one at it.
  for root in /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"; do
    # A group stays busy for a moment after its last process has ended.
    for attempt in {1..50}; do
      [ -d "$root" ] || break
      find "$root" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.1
    done
    [ ! -d "$root" ] || fail "control group $root is still in use"
  done
}
