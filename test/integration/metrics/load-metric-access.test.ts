import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMetricAccess } from '../../../runner/metrics/access/load-metric-access.ts';

describe('a metric access file', () => {
  let folder: string;
  let file: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-access-'));
    file = join(folder, 'access.yaml');
  });
  after(() => rm(folder, { recursive: true }));

  async function loading(text: string) {
    await writeFile(file, text);
    return loadMetricAccess(file);
  }

  it('names hosts, and what each is sent from files beside it', async () => {
    const access = await loading(`
hosts: [Prometheus.monitoring:9090, "*.svc.cluster.local"]
credentials:
  - host: Prometheus.monitoring:9090
    bearerTokenFile: token
    caFile: /etc/ca.pem
    certFile: tls/tls.crt
    keyFile: tls/tls.key
  - host: mimir.svc.cluster.local
    plainHttp: true
    headers: {X-Scope-OrgID: shop}
    headerFiles: {X-Token: mimir-token}
    basic: {usernameFile: username, passwordFile: password}
  - host: proxy.svc.cluster.local
    apiKeys: datadog
`);

    assert.deepEqual(access, {
      hosts: ['Prometheus.monitoring:9090', '*.svc.cluster.local'],
      credentials: [
        {
          host: 'prometheus.monitoring:9090',
          plainHttp: false,
          headers: {},
          headerFiles: {},
          bearerTokenFile: join(folder, 'token'),
          caFile: '/etc/ca.pem',
          certificate: { certFile: join(folder, 'tls/tls.crt'), keyFile: join(folder, 'tls/tls.key') },
        },
        {
          host: 'mimir.svc.cluster.local',
          plainHttp: true,
          headers: { 'X-Scope-OrgID': 'shop' },
          headerFiles: { 'X-Token': join(folder, 'mimir-token') },
          basic: { usernameFile: join(folder, 'username'), passwordFile: join(folder, 'password') },
        },
        { host: 'proxy.svc.cluster.local', plainHttp: false, headers: {}, headerFiles: {}, apiKeys: 'datadog' },
      ],
    });
  });

  it('that is empty allows every host and sends nothing', async () => {
    assert.deepEqual(await loading(''), { hosts: undefined, credentials: [] });
  });

  it('may allow no host', async () => {
    assert.deepEqual(await loading('hosts: []'), { hosts: [], credentials: [] });
  });

  it('tells every problem at once, each with its line', async () => {
    const loaded = loading(`hosts:
  - http://prometheus
  - "*"
credentials:
  - host: "*.monitoring"
    token: abc
  - host: a
    bearerTokenFile: ""
    headers: {"X Y": z}
`);

    await assert.rejects(loaded, {
      name: 'UsageError',
      message: [
        `${file}:2: hosts[0]: "http://prometheus" is not a host such as prometheus.monitoring:9090, or a domain such as *.svc.cluster.local`,
        `${file}:3: hosts[1]: "*" is not a host such as prometheus.monitoring:9090, or a domain such as *.svc.cluster.local`,
        `${file}:5: credentials[0].host: "*.monitoring" is not one host, such as prometheus.monitoring or prometheus.monitoring:9090`,
        `${file}:6: credentials[0].token: unknown field; known are host, plainHttp, headers, headerFiles, bearerTokenFile, basic, caFile, certFile, keyFile, apiKeys`,
        `${file}:8: credentials[1].bearerTokenFile: must not be empty`,
        `${file}:9: credentials[1].headers["X Y"]: is not the name of an HTTP header`,
      ].join('\n'),
    });
  });

  const broken: [what: string, text: string, message: string][] = [
    ['no YAML', '{', '1: not valid YAML: '],
    ['several documents', 'hosts: []\n---\nhosts: []', '1: holds several documents; one is expected'],
    [
      'credentials twice',
      'credentials: [{host: a, caFile: c},\n {host: A, caFile: c}]',
      '2: credentials[1].host: A has credentials already, in item 1 of this list',
    ],
    [
      'credentials of a host that may not be asked',
      'hosts: [b]\ncredentials: [{host: a, caFile: c}]',
      '2: credentials[0].host: a is none of the hosts that may be asked; add it to hosts',
    ],
    [
      'a token and a password',
      'credentials: [{host: a, bearerTokenFile: t, basic: {username: u, passwordFile: p}}]',
      '1: credentials[0].basic: a host is sent a bearer token or a user name and password, not both; remove one',
    ],
    [
      'a password without a user name',
      'credentials: [{host: a, basic: {passwordFile: p}}]',
      '1: credentials[0].basic: needs one of username and usernameFile',
    ],
    [
      'a certificate without its key',
      'credentials: [{host: a, certFile: c}]',
      '1: credentials[0].certFile: certFile and keyFile are given together',
    ],
    [
      'a secret that is written out',
      'credentials: [{host: a, headers: {Authorization: x}}]',
      '1: credentials[0].headers.Authorization: holds a secret; name the file that has it in headerFiles',
    ],
    [
      'a header twice',
      'credentials: [{host: a, headers: {X-A: x}, headerFiles: {x-a: f}}]',
      '1: credentials[0].headerFiles: the header x-a is given twice; remove one',
    ],
    [
      'a second authorization',
      'credentials: [{host: a, bearerTokenFile: t, headerFiles: {authorization: f}}]',
      '1: credentials[0].headerFiles: the header Authorization is what bearerTokenFile and basic give; remove one',
    ],
    ['a host alone', 'credentials: [{host: a}]', '1: credentials[0]: says nothing about a; name what it is sent, or remove it'],
  ];
  for (const [what, text, message] of broken) {
    it(`is refused with ${what}`, async () => {
      await assert.rejects(loading(text), (error: Error) => {
        assert.equal(error.name, 'UsageError');
        assert.ok(error.message.startsWith(`${file}:${message}`), error.message);
        return true;
      });
    });
  }

  it('is refused when it is not there', async () => {
    await assert.rejects(loadMetricAccess(join(folder, 'none.yaml')), {
      name: 'UsageError',
      message: `the metric access file ${join(folder, 'none.yaml')} cannot be read (ENOENT)`,
    });
  });
});
