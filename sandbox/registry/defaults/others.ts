export function defaultNamespace({ metadata }: any): void {
  if (metadata.name !== undefined) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

export function beginNamespace({ spec, status }: any): void {
  spec.finalizers ??= ['kubernetes'];
  status.phase = 'Active';
}

/** `stringData` is how people write data; only data is kept. */
export function defaultSecret(secret: any): void {
  secret.type ??= 'Opaque';
  if (secret.stringData === undefined) return;
  const encoded = Object.entries<string>(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

export function defaultService({ spec }: any): void {
  spec.sessionAffinity ??= 'None';
  spec.type ??= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  if (spec.type === 'ExternalName') return;
  spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'ClusterIP') spec.externalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

/** An address of the usual service range that no other Service has. */
export function allocateAddress({ spec }: any, others: readonly { spec?: any }[]): void {
  if (spec.type === 'ExternalName') return;
  const taken = new Set(others.map((other) => other.spec.clusterIP));
  let number = 1;
  while (taken.has(addressOf(number))) number += 1;
  spec.clusterIP ??= addressOf(number);
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
}

function addressOf(number: number): string {
  return `10.96.${Math.trunc(number / 250)}.${1 + (number % 250)}`;
}

export function defaultPersistentVolumeClaim({ spec }: any): void {
  spec.volumeMode ??= 'Filesystem';
}

export function defaultPersistentVolume({ spec }: any): void {
  spec.persistentVolumeReclaimPolicy ??= 'Retain';
  spec.volumeMode ??= 'Filesystem';
}

/** Of volumes and claims. */
export function beginPending({ status }: any): void {
  status.phase = 'Pending';
}

const RBAC = 'rbac.authorization.k8s.io';

/** Of a RoleBinding and a ClusterRoleBinding. */
export function defaultBinding({ roleRef, subjects = [] }: any): void {
  if (roleRef.apiGroup === '') roleRef.apiGroup = RBAC;
  for (const subject of subjects) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= RBAC;
  }
}

export function defaultNetworkPolicy({ spec }: any): void {
  if (spec.policyTypes === undefined) spec.policyTypes = spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
  for (const { ports = [] } of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of ports) port.protocol ??= 'TCP';
  }
}

export function defaultHorizontalPodAutoscaler({ spec }: any): void {
  spec.minReplicas ??= 1;
  spec.metrics ??= [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
}

export function defaultStorageClass(storageClass: any): void {
  storageClass.reclaimPolicy ??= 'Delete';
  storageClass.volumeBindingMode ??= 'Immediate';
}

export function defaultCustomResourceDefinition({ spec }: any): void {
  spec.names.singular ??= spec.names.kind.toLowerCase();
  spec.names.listKind ??= `${spec.names.kind}List`;
  spec.conversion ??= { strategy: 'None' };
}

/** A definition is served at once: nothing has to be negotiated. */
export function establish({ metadata, spec, status }: any): void {
  const since = metadata.creationTimestamp;
  const condition = (type: string, reason: string, message: string) => ({
    type,
    status: 'True',
    lastTransitionTime: since,
    reason,
    message,
  });
  status.conditions = [
    condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
    condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
  ];
  status.acceptedNames = spec.names;
  status.storedVersions = spec.versions.filter(({ storage }: any) => storage === true).map(({ name }: any) => name);
}
