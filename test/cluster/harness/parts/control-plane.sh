# shellcheck shell=bash
# etcd, the API server, the controller manager and the scheduler. Sourced by machine.sh.

start_control_plane() {
  local etcd_url=http://127.0.0.1:$etcd_port apiserver_flags controller_manager_flags
  read -ra apiserver_flags <<< "${APISERVER_FLAGS:-}"
  read -ra controller_manager_flags <<< "${KCM_FLAGS:-}"

  run etcd "$bin/etcd" --data-dir etcd --unsafe-no-fsync \
    --listen-client-urls "$etcd_url" --advertise-client-urls "$etcd_url" \
    --listen-peer-urls "http://127.0.0.1:$((etcd_port + 1))"

  # The preferred address type is what `kubectl logs` reaches the node by.
  run apiserver "$bin/kube-apiserver" --etcd-servers "$etcd_url" \
    --bind-address "$api_address" --advertise-address "$api_address" --secure-port "$api_port" \
    --tls-cert-file pki/apiserver.crt --tls-private-key-file pki/apiserver.key --client-ca-file pki/ca.crt \
    --authorization-mode Node,RBAC --allow-privileged \
    --service-account-key-file pki/sa.pub --service-account-signing-key-file pki/sa.key \
    --service-account-issuer https://kubernetes.default.svc \
    --service-cluster-ip-range "$service_range" \
    --kubelet-client-certificate pki/admin.crt --kubelet-client-key pki/admin.key \
    --kubelet-preferred-address-types InternalIP \
    "${apiserver_flags[@]}"
  await 'the API server' "$bin/kubectl" get --raw /readyz

  # Port 0: nobody asks these two for metrics, and control planes side by side would fight for the default ports.
  run controller-manager "$bin/kube-controller-manager" --kubeconfig admin.conf \
    --service-account-private-key-file pki/sa.key --root-ca-file pki/ca.crt \
    --use-service-account-credentials --leader-elect=false --secure-port 0 \
    --flex-volume-plugin-dir "$state/volume-plugins" \
    "${controller_manager_flags[@]}"
  run scheduler "$bin/kube-scheduler" --kubeconfig admin.conf --leader-elect=false --secure-port 0
}
