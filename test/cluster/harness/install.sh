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
  new_servers=()
  for server in prometheus prometheus-pushgateway; do command -v "$server" > /dev/null || new_servers+=("$server.service"); done
  command -v /usr/sbin/sshd > /dev/null || new_servers+=(ssh.service)
  forbid_service_starts
  mapfile -t packages < <(all_packages)
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends --no-upgrade "${packages[@]}"
  # Only the programs are wanted: the servers that their packages set up must not start with the machine either.
  if [ ${#new_servers[@]} -gt 0 ] && [ -d /run/systemd/system ]; then systemctl disable --quiet "${new_servers[@]}"; fi
}

# Debian's way to say that packages must not start their services; an existing policy is left as it is.
forbid_service_starts() {
  [ ! -e "$policy" ] || return 0
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
}

main
