# shellcheck shell=bash
# The image of this project for tests: what the real image holds, from the working tree. Sourced by image.sh.

make_runner_image() {
  local tag=$1 project node git_programs bin options=()
  project=$(cd "$harness/../../.." && pwd)
  bin=$(bash "$harness/build.sh")
  require_programs 'the runner image' git=git ssh=openssh-client npm=npm \
    /etc/ssl/certs/ca-certificates.crt=ca-certificates
  # The project's own Node: the machine's may be too old.
  node=$("$project/node_modules/.bin/node" --print process.execPath)
  git_programs=$(git --exec-path)
  options=(
    --file "$node:/usr/local/bin/node"
    --file "$bin/helm:/usr/local/bin/helm"
    --file "$(command -v git):/usr/bin/git"
    --file "$(command -v ssh):/usr/bin/ssh"
    # git runs itself under these names, and its HTTP helper for remotes with either scheme.
    --file "$git_programs/git-remote-http:/usr/lib/git-core/git-remote-http"
    --link git-remote-http:/usr/lib/git-core/git-remote-https
    --link ../../bin/git:/usr/lib/git-core/git
    --link git:/usr/bin/git-upload-pack
    --link git:/usr/bin/git-receive-pack
    --tree /usr/share/git-core/templates:/usr/share/git-core/templates
    --file /etc/ssl/certs/ca-certificates.crt
    --file "$harness/parts/fieldtrial:/usr/local/bin/fieldtrial"
    --file "$project/package.json:/opt/fieldtrial/package.json"
  )
  local folder
  for folder in bin dist runner sandbox kubernetes schema charts/prometheus; do
    if [ -d "$project/$folder" ]; then options+=(--tree "$project/$folder:/opt/fieldtrial/$folder"); fi
  done
  while read -r folder; do
    options+=(--tree "$folder:/opt/fieldtrial/${folder#"$project/"}")
  done < <(production_modules "$project")
  make "$tag" "${options[@]}" --user 65532:65532 -- fieldtrial
}

# Prints the folder of each package that the project needs when it runs, one per line.
production_modules() {
  npm ls --loglevel=error --prefix "$1" --omit=dev --all --parseable | sed 1d
}
