import assert from 'node:assert/strict';
import { HOST_PATTERN, isHost, refusalOf } from '../../../../runner/metrics/access/hosts.ts';
import { OPEN_ACCESS } from '../../../../runner/metrics/access/metric-access.ts';

describe('a host that the installation names', () => {
  const cases: [pattern: string, url: string, is: boolean][] = [
    ['prometheus.monitoring', 'http://prometheus.monitoring/', true],
    ['prometheus.monitoring', 'http://prometheus.monitoring:9090/', true],
    ['Prometheus.Monitoring', 'http://PROMETHEUS.monitoring/', true],
    ['prometheus.monitoring', 'http://prometheus.monitoring./', true],
    ['prometheus.monitoring', 'http://prometheus.monitoring.evil.example/', false],
    ['prometheus.monitoring', 'http://xprometheus.monitoring/', false],
    ['prometheus.monitoring:9090', 'http://prometheus.monitoring:9090/', true],
    ['prometheus.monitoring:9090', 'http://prometheus.monitoring:9091/', false],
    ['prometheus.monitoring:80', 'http://prometheus.monitoring/', true],
    ['prometheus.monitoring:443', 'https://prometheus.monitoring/', true],
    ['prometheus.monitoring:443', 'http://prometheus.monitoring/', false],
    ['*.svc.cluster.local', 'http://prometheus.monitoring.svc.cluster.local:9090/', true],
    ['*.svc.cluster.local', 'http://svc.cluster.local/', false],
    ['*.svc.cluster.local', 'http://evilsvc.cluster.local/', false],
    ['*.monitoring:9090', 'http://a.monitoring:9090/', true],
    ['*.monitoring:9090', 'http://a.monitoring:80/', false],
    ['10.0.0.7', 'http://10.0.0.7:9090/', true],
    ['10.0.0.7', 'http://0xa.0.0.7/', true],
    ['[::1]:9090', 'http://[::1]:9090/', true],
    ['[::1]', 'http://[0:0::1]:80/', true],
  ];
  for (const [pattern, url, is] of cases) {
    it(`${pattern} is ${is ? '' : 'not '}${url}`, () => {
      assert.match(pattern, HOST_PATTERN);
      assert.equal(isHost(pattern, new URL(url)), is);
    });
  }

  for (const pattern of ['*', '*.*', 'a*.b', 'http://a', 'a/b', 'a:b', '', 'a b', 'user@a', '*.']) {
    it(`${JSON.stringify(pattern)} is no way to name one`, () => {
      assert.doesNotMatch(pattern, HOST_PATTERN);
    });
  }

  it('may be none at all', () => {
    assert.equal(
      refusalOf(new URL('http://a'), undefined, { ...OPEN_ACCESS, hosts: [] }),
      'this installation does not let metrics ask a; it allows no host',
    );
  });
});

describe("a vendor's own hosts", () => {
  for (const [vendor, url] of [
    ['datadog', 'https://api.datadoghq.com/'],
    ['datadog', 'https://api.us5.datadoghq.com/'],
    ['datadog', 'https://api.datadoghq.eu/'],
    ['datadog', 'https://api.the-installation.example/'],
    ['newrelic', 'https://api.newrelic.com/'],
    ['newrelic', 'https://api.eu.newrelic.com/'],
  ] as const) {
    it(`are sent its keys: ${url}`, () => {
      const keys = { datadog: { site: 'the-installation.example' }, newrelic: {} };

      assert.equal(refusalOf(new URL(url), vendor, { ...OPEN_ACCESS, keys }), undefined);
    });
  }

  for (const [vendor, url] of [
    ['datadog', 'https://api.newrelic.com/'],
    ['datadog', 'https://api.datadoghq.com:8443/'],
    ['datadog', 'https://api.datadoghq.com.evil.example/'],
    ['newrelic', 'https://insights-api.newrelic.example/'],
    ['newrelic', 'http://api.newrelic.com/'],
  ] as const) {
    it(`are not ${url} for ${vendor}`, () => {
      assert.notEqual(refusalOf(new URL(url), vendor, OPEN_ACCESS), undefined);
    });
  }
});
