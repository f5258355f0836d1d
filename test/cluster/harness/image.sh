#!/bin/bash
# Puts images where the node of a running cluster finds them, and prints their tags. Nothing can be pulled: pods that
# use these images must say `imagePullPolicy: Never` or `IfNotPresent`.
#
#   image.sh [--name NAME] COMMAND
#
#   load TAR              a docker-archive or OCI archive
#   make TAG [OPTIONS]    programs of this machine, for example
#                           image.sh make local/prober:1 --file /usr/bin/curl --user 65534 -- curl -s http://web
#                         (the options are those of make_image.py)
#   runner [TAG]          this project as it is in the working tree [local/fieldtrial:test]
#   prometheus            Debian's Prometheus, as docker.io/prom/prometheus:debian
#   pushgateway           Debian's Pushgateway, as docker.io/prom/pushgateway:debian
#   base                  busybox:latest and the pause image, which are there from the start
set -euo pipefail
# shellcheck source=parts/settings.sh
source "$(dirname "$0")/parts/settings.sh"
# shellcheck source=parts/requirements.sh
source "$harness/parts/requirements.sh"
# shellcheck source=parts/runner-image.sh
source "$harness/parts/runner-image.sh"

main() {
  local name=default
  if [ "${1:-}" = --name ]; then
    name=${2:?--name needs a name}
    shift 2
  fi
  choose_cluster "$name"
  local command=${1:-}
  shift || true
  case $command in
    load) load "${1:?load needs an archive}" ;;
    make) make "$@" ;;
    base) make_base_images ;;
    prometheus) make_prometheus_image ;;
    pushgateway) make_pushgateway_image ;;
    runner) make_runner_image "${1:-local/fieldtrial:test}" ;;
    *) fail "unknown command '$command'; one of load, make, runner, prometheus, pushgateway, base is expected" ;;
  esac
}

load() {
  local kind bin report
  [ -e "$state/cluster.env" ] || fail "cluster '$name' is not running: there is no $state/cluster.env"
  # shellcheck source=/dev/null
  source "$state/cluster.env"
  [ "$kind" = node ] || fail "cluster '$name' is of kind $kind, which runs no images"
  # ctr warns on stderr about things that concern nobody here; what it says counts only when it fails.
  report=$("$bin/ctr" --address "$state/containerd.sock" --namespace k8s.io images import --local "$1" 2>&1) ||
    fail "$report"
  # unpacking TAG (DIGEST)...done
  sed -n 's/^unpacking \([^ ]*\) .*/\1/p' <<< "$report"
}

make() {
  local tag=${1:?make needs a tag} file archive loaded
  file=${tag//[\/:]/_}
  archive=$cache/images/$file.tar
  loaded=$state/images/$file
  python3 "$harness/make_image.py" "$archive" "$@"
  # Written beside the archive: what it was made from. The node may have just that already.
  if ! cmp --quiet "$archive.inputs" "$loaded"; then
    load "$archive" > /dev/null
    mkdir -p "$state/images"
    cp "$archive.inputs" "$loaded"
  fi
  echo "$tag"
}

make_base_images() {
  make docker.io/library/busybox:latest
  make docker.io/local/pause:1 -- sh -c "trap 'exit 0' TERM; while :; do sleep 86400 & wait; done"
}

make_prometheus_image() {
  require_programs 'the Prometheus image' prometheus=prometheus
  make docker.io/prom/prometheus:debian --file "$(command -v prometheus):/usr/local/bin/prometheus" --user 65534 \
    -- prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/tmp/prometheus
}

make_pushgateway_image() {
  require_programs 'the Pushgateway image' prometheus-pushgateway=prometheus-pushgateway
  make docker.io/prom/pushgateway:debian --file "$(command -v prometheus-pushgateway):/usr/local/bin/pushgateway" --user 65534 \
    -- pushgateway
}

main "$@"
