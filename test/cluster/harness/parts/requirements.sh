# shellcheck shell=bash
# What a cluster needs from this machine, as PROGRAM=PACKAGE pairs, and what of it is missing. Sourced, never run.

control_plane_programs=(
  openssl=openssl
  flock=util-linux setsid=util-linux
  pgrep=procps
)
node_programs=(
  unshare=util-linux mount=mount ip=iproute2 sysctl=procps
  runc=runc
  /usr/lib/cni/bridge=containernetworking-plugins
  conntrack=conntrack nft=nftables
  busybox=busybox-static python3=python3
)
image_programs=(
  prometheus=prometheus prometheus-pushgateway=prometheus-pushgateway
  git=git ssh=openssh-client /etc/ssl/certs/ca-certificates.crt=ca-certificates
)
builder_programs=(
  buildah=buildah runc=runc debootstrap=debootstrap
)

# What test/cluster/git needs besides git.
git_programs=(
  /usr/sbin/sshd=openssh-server ssh=openssh-client ssh-keygen=openssh-client
)

# Prints every package behind the pairs above, once each.
all_packages() {
  printf '%s\n' "${control_plane_programs[@]#*=}" "${node_programs[@]#*=}" "${image_programs[@]#*=}" "${builder_programs[@]#*=}" \
    "${git_programs[@]#*=}" | sort -u
}

# Ends the script with one list of all that is missing for a cluster of this kind: node, fake-nodes or control-plane.
require_for_cluster() {
  local kind=$1 pairs=("${control_plane_programs[@]}")
  if [ "$kind" = node ]; then
    pairs+=("${node_programs[@]}")
    [ "$(id -u)" = 0 ] || missing+=('root: namespaces and network links need it (--no-node and --fake-nodes do not)')
  fi
  if ! is_built && ! command -v go > /dev/null; then
    missing+=("go: builds Kubernetes, once (https://go.dev/dl, version $(go_version) or newer)")
  fi
  require_programs "a cluster of kind $kind" "${pairs[@]}"
}

# Ends the script unless each PROGRAM=PACKAGE pair is there; `missing` may hold further reasons to do so.
missing=()
require_programs() {
  local purpose=$1 pair packages=()
  shift
  for pair in "$@"; do
    command -v "${pair%%=*}" > /dev/null || [ -e "${pair%%=*}" ] || packages+=("${pair#*=}")
  done
  if [ ${#packages[@]} -gt 0 ]; then
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    missing+=("packages: ${packages[*]}; install them with
    apt-get install --yes --no-install-recommends ${packages[*]}
    or all that any kind of cluster and image needs with
    bash $harness/install.sh")
  fi
  [ ${#missing[@]} -eq 0 ] || fail "missing for $purpose:$(printf '\n  - %s' "${missing[@]}")"
}
