#!/bin/bash
# Installs the Debian or Ubuntu packages that clusters and their images need, without questions and without upgrading
# or starting anything. Run it as root, after `apt-get update`.
set -euo pipefail
# shellcheck source=parts/settings.sh
source "$(dirname "$0")/parts/settings.sh"
# shellcheck source=parts/requirements.sh
source "$harness/parts/requirements.sh"

policy=/usr/sbin/policy-rc.d

main() {
  [ "$(id -u)" = 0 ] || fail 'install.sh must run as root'
  had_prometheus=$(command -v prometheus || true)
  forbid_service_starts
  mapfile -t packages < <(all_packages)
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends --no-upgrade "${packages[@]}"
  # Only the program is wanted: the server that its package sets up must not start with the machine either.
  if [ -z "$had_prometheus" ] && [ -d /run/systemd/system ]; then systemctl disable --quiet prometheus.service; fi
}

# Debian's way to say that packages must not start their services; an existing policy is left as it is.
forbid_service_starts() {
  [ ! -e "$policy" ] || return 0
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
}

main
