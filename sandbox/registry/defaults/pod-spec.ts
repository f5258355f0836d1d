import { generatedName } from '../generated-name.ts';

/** Fills in what every pod spec has, of pods and templates alike. Rules of k8s.io/kubernetes/pkg/apis/core/v1/defaults.go. */
export function defaultPodSpec(spec: any): void {
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ??= 'default-scheduler';
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  if (spec.hostNetwork === true) defaultHostPorts(spec);
}

/** What pods have and templates do not: requests follow limits. */
export function defaultPod({ spec }: any): void {
  defaultPodSpec(spec);
  for (const { resources } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (resources?.limits !== undefined) resources.requests = { ...resources.limits, ...resources.requests };
  }
  spec.enableServiceLinks ??= true;
}

/** What the usual admission plugins and the pod's registry set on a new pod. */
export function admitPod({ spec, status }: any): void {
  if (spec.automountServiceAccountToken !== false) mountAccount(spec);
  status.phase = 'Pending';
  status.qosClass = qualityOf(spec);
  spec.priority ??= 0;
  spec.preemptionPolicy ??= 'PreemptLowerPriority';
  spec.serviceAccountName ??= 'default';
  spec.serviceAccount = spec.serviceAccountName;
  spec.tolerations = withTolerations(spec.tolerations ?? []);
}

const ACCOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The ServiceAccount plugin: where programs in the pod look for their credentials. */
function mountAccount(spec: any): void {
  const containers: any[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const isMounted = (container: any) => container.volumeMounts?.some(({ mountPath }: any) => mountPath === ACCOUNT_PATH) === true;
  const unmounted = containers.filter((container) => !isMounted(container));
  if (unmounted.length === 0) return;

  const name = generatedName('kube-api-access-');
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
  ];
  spec.volumes = [...(spec.volumes ?? []), { name, projected: { sources, defaultMode: DEFAULT_MODE } }];
  for (const container of unmounted) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: ACCOUNT_PATH }];
  }
}

/** k8s.io/kubernetes/pkg/apis/core/v1/helper/qos/qos.go. */
function qualityOf(spec: any): string {
  const all = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ resources }) => resources ?? {});
  const matters = (quantities: any) => ['cpu', 'memory'].filter((name) => quantities?.[name] !== undefined && quantities[name] !== '0');
  if (all.every(({ limits, requests }) => matters(limits).length === 0 && matters(requests).length === 0)) return 'BestEffort';
  const isFixed = ({ limits, requests }: any) =>
    matters(limits).length === 2 && ['cpu', 'memory'].every((name) => requests?.[name] === limits[name]);
  return all.every(isFixed) ? 'Guaranteed' : 'Burstable';
}

function defaultContainer(container: any): void {
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent';
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  for (const port of container.ports ?? []) port.protocol ??= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ??= 'v1';
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop]) defaultHttpGet(hook?.httpGet);
}

/** `name@sha256:…` has a fixed content, a port before the last slash is no tag. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const tag = /:([^/]*)$/.exec(image)?.[1];
  return tag === undefined || tag === 'latest';
}

function defaultProbe(probe: any): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  defaultHttpGet(probe.httpGet);
}

function defaultHttpGet(httpGet: any): void {
  if (httpGet === undefined) return;
  httpGet.path ??= '/';
  httpGet.scheme ??= 'HTTP';
}

const DEFAULT_MODE = 0o644;

function defaultVolume(volume: any): void {
  if (Object.keys(volume).every((field) => field === 'name')) volume.emptyDir = {};
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI, volume.projected]) {
    if (source !== undefined) source.defaultMode ??= DEFAULT_MODE;
  }
  if (volume.hostPath !== undefined) volume.hostPath.type ??= '';
  for (const { downwardAPI, serviceAccountToken } of volume.projected?.sources ?? []) {
    if (serviceAccountToken !== undefined) serviceAccountToken.expirationSeconds ??= 3600;
    defaultFieldRefs(downwardAPI);
  }
  defaultFieldRefs(volume.downwardAPI);
}

function defaultFieldRefs(downwardAPI: any): void {
  for (const { fieldRef } of downwardAPI?.items ?? []) {
    if (fieldRef !== undefined) fieldRef.apiVersion ??= 'v1';
  }
}

function defaultHostPorts(spec: any): void {
  for (const { ports = [] } of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const port of ports) port.hostPort ??= port.containerPort;
  }
}

const UNREACHABLE = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** The DefaultTolerationSeconds plugin. */
function withTolerations(tolerations: any[]): any[] {
  const absent = UNREACHABLE.filter((key) => !tolerations.some((toleration) => toleration.key === key || toleration.key === undefined));
  return [...tolerations, ...absent.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))];
}
