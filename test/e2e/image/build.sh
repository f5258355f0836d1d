#!/bin/bash
# Builds the Dockerfile as it is, where no registry of images can be reached: its base images are stood in for by Debian's own packages,
# the npm package `node`, and the helm that test/cluster/harness builds. Packages are fetched from Debian and npm as this machine does it.
#
#   build.sh OUT.tar     writes a docker-archive with the image fieldtrial:VERSION, and prints its name
#
# Environment: FIELDTRIAL_CLUSTER_CACHE; DEBIAN_MIRROR [http://deb.debian.org/debian]; STORAGE_DRIVER of buildah [overlay].
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../../.." && pwd)
# shellcheck source=../../cluster/harness/parts/settings.sh
source "$project/test/cluster/harness/parts/settings.sh"
# shellcheck source=../../cluster/harness/parts/requirements.sh
source "$harness/parts/requirements.sh"

release=bookworm
node_image=docker.io/library/node:24-$release-slim
helm_image=docker.io/alpine/helm
export CONTAINERS_CONF=$here/containers.conf

main() {
  local out=${1:?usage: build.sh OUT.tar} store=$cache/buildah bin name
  [ "$(id -u)" = 0 ] || missing+=('root: the builder makes namespaces and mounts')
  require_programs 'building the image' "${builder_programs[@]}" npm=npm
  bin=$(bash "$harness/build.sh")
  mkdir -p "$store"
  exec 9< "$store"
  flock 9
  make_node_image >&2
  make_helm_image >&2
  name=docker.io/library/fieldtrial:$(node_of_project --print "require('$project/package.json').version")
  build_image "$name" >&2
  rm -f "$out"
  builder push --quiet "$name" "docker-archive:$out:$name" >&2
  echo "$name"
}

builder() {
  buildah --root "$store/images" --runroot "$store/run" --storage-driver "${STORAGE_DRIVER:-overlay}" "$@"
}

node_of_project() {
  "$project/node_modules/.bin/node" "$@"
}

# What node:24-bookworm-slim is: Debian without documentation, Node and npm.
make_node_image() {
  local node npm system=$cache/images/debian-$release.tar container
  node=$(node_of_project --print process.execPath)
  npm=$(dirname "$(dirname "$(realpath "$(command -v npm)")")")
  is_made "$node_image" "$(inputs "$here/build.sh" "$node" "$npm/package.json")" && return
  [ -e "$system" ] || make_debian "$system"
  container=$(builder from scratch)
  builder add --quiet "$container" "$system" /
  builder copy --quiet --chmod 755 "$container" "$node" /usr/local/bin/node
  builder copy --quiet "$container" "$npm" /usr/local/lib/node_modules/npm
  builder run --network none "$container" -- ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
  builder config --cmd node --label "$(made_from)" "$container"
  builder commit --quiet --rm "$container" "$node_image"
}

make_debian() {
  local work
  work=$(mktemp -d)
  debootstrap --variant=minbase "$release" "$work/root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
  # As Debian's images for containers: no packages kept, no documentation.
  rm -rf "$work"/root/{var/cache/apt/archives/*.deb,var/lib/apt/lists/*,usr/share/doc,usr/share/man,usr/share/locale}
  echo 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };' > "$work/root/etc/apt/apt.conf.d/docker-clean"
  printf 'path-exclude /usr/share/%s/*\n' doc man locale > "$work/root/etc/dpkg/dpkg.cfg.d/docker"
  mkdir -p "$(dirname "$1")"
  # Renamed into place, so that an interrupted start leaves no half of it.
  tar --create --directory "$work/root" --exclude './dev/*' --file "$1.$$" .
  mv "$1.$$" "$1"
  rm -rf "$work"
}

make_helm_image() {
  local container
  is_made "$helm_image" "$(inputs "$here/build.sh" "$bin/helm")" && return
  container=$(builder from scratch)
  builder copy --quiet "$container" "$bin/helm" /usr/bin/helm
  builder config --label "$(made_from)" "$container"
  builder commit --quiet --rm "$container" "$helm_image"
}

# A digest of these files' names, sizes and times.
inputs() {
  stat --format '%n %s %Y' "$@" | sha256sum | cut -c1-16
}

# Whether an image is there and was made from these inputs; remembers them for the label of the one to be made.
is_made() {
  wanted=$2
  [ "$(builder inspect --type image --format '{{index .OCIv1.Config.Labels "test.made-from"}}' "$1" 2> /dev/null)" = "$2" ]
}

made_from() {
  echo "test.made-from=$wanted"
}

build_image() {
  local name=$1 digest
  secrets=$(mktemp -d)
  trap 'rm -rf "$secrets"' EXIT
  npm_settings > "$secrets/npmrc"
  digest=$(builder images --format '{{.Digest}}' "$helm_image")
  builder build --layers --pull=never --network host \
    --secret "id=npmrc,src=$secrets/npmrc" --secret "id=ca,src=$secrets/ca" \
    --build-arg "HELM_DIGEST=$digest" \
    --build-arg "VERSION=${name##*:}" --build-arg "REVISION=$(git -C "$project" rev-parse HEAD)" \
    --tag "$name" --file "$project/Dockerfile" "$project"
}

# The registry that npm uses here, and the authority that it or its Node trusts, which becomes a file of its own.
npm_settings() {
  local authority
  echo "registry=$(npm config get registry)"
  authority=$(npm config get cafile)
  [ -e "$authority" ] || authority=${NODE_EXTRA_CA_CERTS:-}
  if [ -e "$authority" ]; then
    cp "$authority" "$secrets/ca"
    echo 'cafile=/run/secrets/ca'
  else
    touch "$secrets/ca"
  fi
}

main "$@"
