import assert from 'node:assert/strict';
import { checkMetricAccess } from '../../runner/check-metric-access.ts';
import { OPEN_ACCESS, type MetricAccess } from '../../runner/metrics/access/metric-access.ts';
import type { Metric } from '../../runner/model/experiment.ts';
import { aMetric } from '../support/builders.ts';
import { accessWith } from '../support/metric-access.ts';
import { aRenderedTrial } from '../support/trials.ts';

const prometheus = (url: string): Metric => ({ ...aMetric('p95'), type: 'prometheus', url, query: 'q', scrapeCheck: { by: 'none' } });
const newrelic = (url?: string): Metric => ({
  ...aMetric('apdex'),
  type: 'newrelic',
  query: 'q',
  delay: 0,
  ...(url !== undefined && { url }),
});
const KEYS = { datadog: {}, newrelic: { apiKey: 'key', accountId: '7' } };
const ALLOWS = { ...OPEN_ACCESS, hosts: ['prometheus.shop-1', 'api.newrelic.com'], keys: KEYS };

function problemsOf(metrics: Metric[], access: MetricAccess, slots: string[] = ['shop-1']): string[] {
  const loaded = { locate: () => ({ file: 'f' }) };
  return checkMetricAccess({ sample: aRenderedTrial({ metrics }), loaded } as never, slots, access).map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

describe('the access that metrics need', () => {
  it('is there for hosts that the installation names, and for types that ask the cluster alone', () => {
    assert.deepEqual(problemsOf([aMetric('cost'), prometheus('http://prometheus.shop-1:9090'), newrelic()], ALLOWS), []);
  });

  it('is there for any host where the installation names none', () => {
    assert.deepEqual(problemsOf([prometheus('http://anywhere')], OPEN_ACCESS), []);
  });

  it('is missing for another host, in whatever metric', () => {
    assert.deepEqual(problemsOf([aMetric('cost'), prometheus('http://evil.example')], ALLOWS), [
      'spec.metrics[1].url: this installation does not let metrics ask evil.example; it allows prometheus.shop-1, api.newrelic.com',
    ]);
  });

  it('is looked at for each slot, where the host is a template', () => {
    assert.deepEqual(problemsOf([prometheus('http://prometheus.{{trial.namespace}}')], ALLOWS, ['shop-1', 'shop-2']), [
      'spec.metrics[0].url: this installation does not let metrics ask prometheus.shop-2; it allows prometheus.shop-1, api.newrelic.com',
    ]);
  });

  it('is left for the run where the host is that of a Service that the target selects', () => {
    const target = { apiVersion: 'v1', kind: 'ServiceList', matchLabels: { app: 'monitoring' } };

    assert.deepEqual(problemsOf([{ ...prometheus('http://{{serviceAddress target}}/'), target } as Metric], ALLOWS), []);
    assert.equal(problemsOf([{ ...prometheus('http://evil.example/'), target } as Metric], ALLOWS).length, 1);
  });

  it('is left for the run where slots are not known and the host is a template', () => {
    assert.deepEqual(problemsOf([prometheus('http://prometheus.{{trial.namespace}}/')], ALLOWS, []), []);
    assert.equal(problemsOf([prometheus('http://evil.example/{{trial.namespace}}/')], ALLOWS, []).length, 1);
  });

  it('is missing where credentials would go over http', () => {
    assert.deepEqual(problemsOf([prometheus('http://prometheus.shop-1')], accessWith('prometheus.shop-1', { bearerTokenFile: 't' })), [
      'spec.metrics[0].url: prometheus.shop-1 would be sent credentials over http; use https, or plainHttp: true for that host in the metric access file',
    ]);
  });

  it('is missing where a key is, or is none', () => {
    const keys = { datadog: {}, newrelic: { accountId: 'shop' } };

    assert.deepEqual(problemsOf([newrelic()], { ...OPEN_ACCESS, keys }), [
      "spec.metrics[0].type: NEW_RELIC_API_KEY is not set in the runner's environment (nor FIELDTRIAL_NEW_RELIC_API_KEY); metrics of type newrelic need it",
      'spec.metrics[0].type: NEW_RELIC_ACCOUNT_ID must be a whole number; metrics of type newrelic need it',
    ]);
  });

  it('is missing where the repository would have the keys sent elsewhere', () => {
    assert.deepEqual(problemsOf([newrelic('https://evil.example')], { ...OPEN_ACCESS, keys: KEYS }), [
      'spec.metrics[0].url: the keys of newrelic are sent to its own hosts and those that the installation names for them, and evil.example is none',
    ]);
  });
});
