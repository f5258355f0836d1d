/** The chart of the runner that a `prometheus` setup task installed in the ancestor, and the address of what it installs. */
export const BUNDLED_PROMETHEUS = 'fieldtrial/prometheus';
export const BUNDLED_PROMETHEUS_URL = 'http://fieldtrial-prometheus.{{trial.namespace}}.svc:9090';

/** Where the ancestor's own Prometheus of a slot answers, for those who still run it (R§11.2). */
export function formerPrometheusUrl(apiVersion: unknown): string {
  const product = String(apiVersion).startsWith('redskyops.dev') ? 'redsky' : 'optimize';
  return `http://${product}-{{trial.namespace}}-prometheus.{{trial.namespace}}:9090`;
}
