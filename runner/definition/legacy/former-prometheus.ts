/** Where the ancestor's own Prometheus of a slot answers, for those who still run it (R§11.2). */
export function formerPrometheusUrl(apiVersion: unknown): string {
  const product = String(apiVersion).startsWith('redskyops.dev') ? 'redsky' : 'optimize';
  return `http://${product}-{{trial.namespace}}-prometheus.{{trial.namespace}}:9090`;
}
