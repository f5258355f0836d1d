/** `helmChart` of a setup task that installs the runner's own charts/prometheus: a Prometheus and a Pushgateway for one trial. */
export const BUNDLED_PROMETHEUS = 'fieldtrial/prometheus';

/** The release is called so whatever the task is, and with it the Service: others must find it without being told (R§23.1). */
export const PROMETHEUS_RELEASE = 'fieldtrial-prometheus';

/** Where a `prometheus` metric without `url` is asked (R§11.2). Handlebars, as metrics' URLs are. */
export const DEFAULT_PROMETHEUS_URL = `http://${PROMETHEUS_RELEASE}.{{trial.namespace}}.svc:9090`;

/** Where the trial Job pushes (R§10): the samples of a trial are one group of the Pushgateway. */
export function pushgatewayUrl(trial: { name: string }): string {
  return `http://${PROMETHEUS_RELEASE}:9091/metrics/job/trialRun/instance/${trial.name}`;
}
