# shellcheck shell=bash
# A real node: containerd, the bridge network, kubelet, kube-proxy and CoreDNS, in namespaces of their own.
# Sourced by machine.sh.

# Covers what the components would otherwise leave on the machine: sockets and network namespaces in /run, addresses in
# /var/lib/cni, links in /var/log/containers. The mounts end with the namespace.
keep_to_itself() {
  local folder cover
  mount --no-mtab -t tmpfs tmpfs /run
  for folder in /var/lib /var/log; do
    cover=/run/cover$folder
    mkdir -p "$cover/upper" "$cover/work"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=$cover/upper,workdir=$cover/work" "$folder"
  done
  mkdir tmp
  export TMPDIR=$state/tmp
  cover_kernel_settings
}

# kubelet insists on values of its own for these settings of the whole machine: it gets files that only look like them.
cover_kernel_settings() {
  local setting
  mkdir kernel
  for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops \
    kernel/keys/root_maxkeys kernel/keys/root_maxbytes; do
    cat "/proc/sys/$setting" > "kernel/${setting//\//.}"
    mount --bind "kernel/${setting//\//.}" "/proc/sys/$setting"
  done
}

# Waits for the link that up.sh puts into this network. The node's address must not be a loopback one.
take_network() {
  await 'the link to the host' ip link show node0
  ip link set lo up
  ip addr add "$node_address/30" dev node0
  ip link set node0 up
  ip route add default via "$host_address"
  sysctl --quiet --write net.ipv4.ip_forward=1
}

start_node() {
  start_containerd
  bash "$harness/image.sh" --name "$name" base
  start_kubelet
  run kube-proxy "$bin/kube-proxy" --kubeconfig admin.conf --proxy-mode nftables --cluster-cidr "$pod_range" \
    --hostname-override node-1 --conntrack-max-per-core 0 \
    --conntrack-tcp-timeout-established 0s --conntrack-tcp-timeout-close-wait 0s
  start_dns
  await 'the node' "$bin/kubectl" wait --for=condition=Ready node/node-1 --timeout=5s
  await 'the DNS server' busybox nslookup kubernetes.default.svc.cluster.local "$node_address"
}

start_containerd() {
  mkdir cni containerd
  pod_network > cni/10-pods.conflist
  containerd_settings > containerd.toml
  # containerd finds its shim on the PATH.
  PATH=$bin:$PATH run containerd "$bin/containerd" --config containerd.toml
  await containerd "$bin/ctr" --address "$state/containerd.sock" --namespace k8s.io images list
}

pod_network() {
  cat << JSON
{
  "cniVersion": "1.0.0",
  "name": "pods",
  "plugins": [
    {
      "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_range"}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
JSON
}

# restrict_oom_score_adj: where CAP_SYS_RESOURCE is missing, no container could start otherwise.
containerd_settings() {
  cat << TOML
version = 3
root = "$state/containerd/root"
state = "$state/containerd/state"
disabled_plugins = ["io.containerd.nri.v1.nri"]
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "$state/containerd/opt"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true
  disable_apparmor = true
  enable_unprivileged_ports = false
  enable_unprivileged_icmp = false
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = "$(command -v runc)"
      SystemdCgroup = false
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$state/cni"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "docker.io/local/pause:1"
TOML
}

start_kubelet() {
  echo "nameserver $dns_address" > resolv.conf
  kubelet_settings > kubelet.yaml
  run kubelet "$bin/kubelet" --config kubelet.yaml --kubeconfig admin.conf --hostname-override node-1 \
    --node-ip "$node_address" --root-dir "$state/kubelet"
}

# failCgroupV1, cgroupsPerQOS and enforceNodeAllocatable: with control groups version 1 kubelet would not start.
kubelet_settings() {
  cat << YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: false}, x509: {clientCAFile: $state/pki/ca.crt}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
containerRuntimeEndpoint: unix://$state/containerd.sock
makeIPTablesUtilChains: false
clusterDNS: [$dns_address]
clusterDomain: cluster.local
evictionHard: {memory.available: "0%", nodefs.available: "0%", imagefs.available: "0%"}
imageGCHighThresholdPercent: 100
resolvConf: $state/resolv.conf
podLogsDir: $state/logs/pods
volumePluginDir: $state/volume-plugins
maxPods: 250
YAML
}

start_dns() {
  dns_settings > Corefile
  run coredns "$bin/coredns" -conf Corefile
  dns_service | "$bin/kubectl" apply --filename - > /dev/null
}

dns_settings() {
  cat << COREFILE
.:53 {
  bind $node_address
  kubernetes cluster.local in-addr.arpa {
    kubeconfig $state/admin.conf fieldtrial-$name
    pods insecure
  }
  cache 5
}
COREFILE
}

# The server runs beside the node's pods rather than in one, hence a Service with an address written by hand.
dns_service() {
  cat << YAML
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  clusterIP: $dns_address
  ports:
  - {name: dns, port: 53, protocol: UDP}
  - {name: dns-tcp, port: 53, protocol: TCP}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: kube-dns-node, namespace: kube-system, labels: {kubernetes.io/service-name: kube-dns}}
addressType: IPv4
ports:
- {name: dns, port: 53, protocol: UDP}
- {name: dns-tcp, port: 53, protocol: TCP}
endpoints:
- {addresses: [$node_address], conditions: {ready: true}}
YAML
}
