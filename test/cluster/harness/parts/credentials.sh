# shellcheck shell=bash
# Certificates and the administrator's kubeconfig, in the current folder. Sourced, never run.

make_credentials() {
  mkdir pki
  make_authority
  make_certificate apiserver /CN=kube-apiserver
  make_certificate admin /O=system:masters/CN=admin
  # Without a key that signs their tokens, service accounts get none and no pod starts.
  quietly openssl genrsa -out pki/sa.key 2048
  quietly openssl rsa -in pki/sa.key -pubout -out pki/sa.pub
  write_kubeconfig
}

make_authority() {
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout pki/ca.key -out pki/ca.crt -subj /CN=ca -days 30
}

make_certificate() {
  local file=pki/$1 subject=$2
  local hosts="IP:127.0.0.1,IP:$node_address,IP:$service_prefix.1,DNS:localhost,DNS:kubernetes.default.svc"
  quietly openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -keyout "$file.key" -out "$file.csr" -subj "$subject"
  quietly openssl x509 -req -in "$file.csr" -CA pki/ca.crt -CAkey pki/ca.key -CAcreateserial -out "$file.crt" -days 30 \
    -extfile <(echo "subjectAltName=$hosts")
}

write_kubeconfig() {
  (
    umask 077
    cat > admin.conf << YAML
apiVersion: v1
kind: Config
current-context: fieldtrial-$name
contexts:
- {name: fieldtrial-$name, context: {cluster: fieldtrial-$name, user: admin}}
clusters:
- name: fieldtrial-$name
  cluster:
    server: https://$api_address:$api_port
    certificate-authority-data: $(base64 -w0 pki/ca.crt)
users:
- name: admin
  user:
    client-certificate-data: $(base64 -w0 pki/admin.crt)
    client-key-data: $(base64 -w0 pki/admin.key)
YAML
  )
}

# openssl reports its progress on stderr; its word counts only when it fails.
quietly() {
  local output
  output=$("$@" 2>&1) || fail "$output"
}
