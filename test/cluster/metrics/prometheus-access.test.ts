import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMetricAccess } from '../../../runner/metrics/access/load-metric-access.ts';
import { OPEN_ACCESS, type MetricAccess } from '../../../runner/metrics/access/metric-access.ts';
import { measuredNow } from './measured-now.ts';
import { startPrometheus } from './start-prometheus.ts';

const TLS = join(import.meta.dirname, '../../fixtures/tls');
/** bcrypt of "lovelace". */
const LOVELACE = '$2b$04$abcdefghijklmnopqrstuuhiTVLHQPvYzPykOsCOnc5I00eOfh33K';

describe('a real Prometheus that asks for a password over TLS', function () {
  this.timeout(60_000);

  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let url: string;
  let folder: string;

  before(async () => {
    prometheus = await startPrometheus([], {
      tls_server_config: { cert_file: join(TLS, 'certificate.pem'), key_file: join(TLS, 'key.pem') },
      basic_auth_users: { ada: LOVELACE },
    });
    url = `https://${prometheus.host}`;
    folder = await mkdtemp(join(tmpdir(), 'fieldtrial-secret-'));
    await writeFile(join(folder, 'username'), 'ada\n');
    await writeFile(join(folder, 'password'), 'lovelace\n');
  });

  after(async () => {
    await prometheus?.stop();
    await rm(folder, { recursive: true });
  });

  /** What an operator would mount as a Secret. */
  async function installation(credentials: object): Promise<MetricAccess> {
    const file = join(folder, 'access.yaml');
    await writeFile(file, JSON.stringify({ hosts: [prometheus.host], credentials: [{ host: prometheus.host, ...credentials }] }));
    return { ...(await loadMetricAccess(file)), keys: OPEN_ACCESS.keys };
  }

  const measured = (access: MetricAccess) => measuredNow({ url, query: 'scalar(vector(1))', scrapeCheck: { by: 'none' }, access }).result;

  const caFile = join(TLS, 'certificate.pem');
  const basic = { usernameFile: 'username', passwordFile: 'password' };

  it('answers who has both from the installation', async () => {
    const { value, raw } = await measured(await installation({ caFile, basic }));

    assert.equal(value, 1);
    assert.doesNotMatch(raw, /lovelace/);
  });

  it('refuses who has no password', async () => {
    await assert.rejects(measured(await installation({ caFile })), { message: `${prometheus.host} answered 401`, transient: false });
  });

  it('takes a password that was changed meanwhile', async () => {
    const access = await installation({ caFile, basic });
    await writeFile(join(folder, 'password'), 'wrong');
    await assert.rejects(measured(access), { message: `${prometheus.host} answered 401` });

    await writeFile(join(folder, 'password'), 'lovelace');

    assert.equal((await measured(access)).value, 1);
  });

  it('is not trusted without the authority of its certificate', async () => {
    await assert.rejects(measured(await installation({ basic })), {
      message: `${prometheus.host} cannot be asked: DEPTH_ZERO_SELF_SIGNED_CERT`,
      transient: false,
    });
  });
});
