/** A ConfigMap or a Secret, whose `data` has words of its own, which mean nothing to Kubernetes. */
export function isConfiguration({ apiVersion, kind }: { apiVersion?: unknown; kind?: unknown }): boolean {
  return apiVersion === 'v1' && (kind === 'ConfigMap' || kind === 'Secret');
}
