# shellcheck shell=bash
# Control groups of the cluster's own, below one group named after it in every hierarchy. Containers get paths such as
# /k8s.io/ID from containerd, which two nodes would share and a killed node would leave behind. Sourced by machine.sh.

# Moves this process into the cluster's group; a control group namespace made next has that group as its root.
join_control_groups() {
  local folder type options
  while read -r folder type options; do
    if [ "$type" = cgroup2 ]; then enable_controllers "$folder"; fi
    mkdir -p "$folder/$cgroup"
    if [[ ,$options, == *,cpuset,* ]]; then copy_cpuset "$folder" "$folder/$cgroup"; fi
    echo 0 > "$folder/$cgroup/cgroup.procs"
  done <<< "$(control_group_mounts)"
}

# Makes the cluster's group the one that everything from here on sees as the root of each hierarchy.
show_own_control_groups() {
  local folder type options
  while read -r folder type options; do
    if [ "$type" = cgroup2 ]; then
      # Version 2 keeps processes out of groups whose children have controllers: the node's own move aside.
      mkdir -p "$folder/$cgroup/machine"
      echo 0 > "$folder/$cgroup/machine/cgroup.procs"
      enable_controllers "$folder/$cgroup"
    fi
    mount --no-mtab --bind "$folder/$cgroup" "$folder"
  done <<< "$(control_group_mounts)"
}

# Prints `FOLDER TYPE OPTIONS` of each hierarchy: one per controller in version 1, a single one in version 2.
control_group_mounts() {
  awk '$3 == "cgroup" || $3 == "cgroup2" { print $2, $3, $4 }' /proc/self/mounts
}

# In version 1 a new group may use no processor until it is told which.
copy_cpuset() {
  cat "$1/cpuset.cpus" > "$2/cpuset.cpus"
  cat "$1/cpuset.mems" > "$2/cpuset.mems"
}

# Hands on what containers' limits need. Where that is refused (in a container, for example) they run without limits.
enable_controllers() {
  local controller
  for controller in cpu cpuset memory pids; do
    grep --quiet --word-regexp "$controller" "$1/cgroup.controllers" || continue
    echo "+$controller" > "$1/cgroup.subtree_control" || echo "control group controller $controller is not available"
  done
}
