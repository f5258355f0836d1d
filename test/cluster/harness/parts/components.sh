# shellcheck shell=bash
# Starts the processes of a cluster and notices when one ends. Sourced by machine.sh.

declare -A components=()

# Starts a component in the background, with its output in logs/NAME.log.
run() {
  local name=$1
  shift
  "$@" > "logs/$name.log" 2>&1 &
  components[$!]=$name
}

# Repeats a command until it succeeds; up.sh bounds the time, and shows the last answer when it gives up.
await() {
  local what=$1
  shift
  echo "waiting for $what"
  until "$@" > logs/waiting.log 2>&1; do
    check_components "while waiting for $what"
    sleep 0.1
  done
}

check_components() {
  local pid
  for pid in "${!components[@]}"; do
    kill -0 "$pid" 2> /dev/null || fail "${components[$pid]} ended $1; see logs/${components[$pid]}.log"
  done
}

# A component that ends takes the cluster down with it: half a cluster would only make tests hang.
wait_for_components() {
  local ended status=0
  wait -n -p ended "${!components[@]}" || status=$?
  fail "${components[$ended]} ended with status $status; see logs/${components[$ended]}.log"
}
