import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkoutDefinitions, type Checkout } from '../../../runner/ledger/checkout.ts';
import { openLedger } from '../../../runner/ledger/open-ledger.ts';
import { aRecord } from '../../support/builders.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';

/** What does not compress. */
const LARGE = randomBytes(3_000_000).toString('base64');

describe('a repository with a large file', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;

  beforeEach(async () => {
    remote = await createRemote({
      'experiments/a/experiment.yaml': 'kind: Experiment\n',
      'deploy/chart/Chart.yaml': 'name: shop\n',
      'deploy/chart/values.yaml': 'replicas: 1\n',
      'dumps/production.sql': LARGE,
    });
    await remote.git('config', 'uploadpack.allowFilter', 'true');
    server = await startGitHttpServer(dirname(remote.path));
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  function place() {
    return { repository: `${server.url}/remote.git`, workdir: remote.scratch, environment: GIT_ENVIRONMENT };
  }

  /** A ledger whose records are beside the definitions. */
  function beside() {
    return {
      ...place(),
      branch: 'same',
      definitionsBranch: 'main',
      author: { name: 'Fieldtrial', email: 'fieldtrial@example.com' },
      run: 'r1',
      version: '0.1.0',
      emit: () => undefined,
      pushInterval: 0,
    };
  }

  function checkout(): Promise<Checkout> {
    return checkoutDefinitions({ ...place(), signal });
  }

  async function text({ files }: Pick<Checkout, 'files'>, path: string): Promise<string> {
    return (await files.read(path)).toString('utf8');
  }

  /** The requests that asked for files or commits. */
  function fetches(): number {
    return server.requests.filter((request) => request.startsWith('POST') && request.endsWith('git-upload-pack')).length;
  }

  it('is listed whole and fetched without it', async () => {
    const { files } = await checkout();

    assert.ok((await files.list('')).includes('dumps/production.sql'));
    assert.equal((await files.read('experiments/a/experiment.yaml')).toString(), 'kind: Experiment\n');
    assert.ok(server.sent < 20_000, `${server.sent} bytes`);
  });

  it('gives a file anywhere in it when it is read, those that are read together by one request', async () => {
    const { files } = await checkout();
    const before = fetches();

    await Promise.all((await files.list('deploy/chart')).map((path) => files.read(path)));

    assert.equal(fetches() - before, 1);
    assert.equal(await text({ files }, 'deploy/chart/Chart.yaml'), 'name: shop\n');
  });

  it('gives what was read before without asking the server', async () => {
    const read = await checkout();
    await text(read, 'deploy/chart/Chart.yaml');
    await server.close();

    assert.equal(await text(read, 'deploy/chart/Chart.yaml'), 'name: shop\n');
  });

  it('gives the large file to whoever reads it', async () => {
    assert.equal(await text(await checkout(), 'dumps/production.sql'), LARGE);
  });

  it('says that a file cannot be had when the server is gone', async () => {
    const read = await checkout();
    await server.close();

    await assert.rejects(text(read, 'deploy/chart/Chart.yaml'), { name: 'PreflightFailed', message: /cannot be reached/ });
  });

  it('gives files that did not change in a new commit, and were not read in the old one', async () => {
    const { refresh } = await checkout();
    await remote.commit({ 'experiments/a/experiment.yaml': 'kind: Changed\n' });

    const fresh = await refresh(signal);

    assert.equal(await text(fresh, 'experiments/a/experiment.yaml'), 'kind: Changed\n');
    assert.equal(await text(fresh, 'deploy/chart/Chart.yaml'), 'name: shop\n');
    assert.ok(server.sent < 20_000, `${server.sent} bytes`);
  });

  it('is read from a path without a copy of it', async () => {
    await checkoutDefinitions({ ...place(), repository: remote.path, signal });

    const [folder = ''] = await readdir(remote.scratch);
    const size = await remote.git('-C', join(remote.scratch, folder), 'count-objects', '-v');
    assert.match(size, /^size-pack: \d{1,2}$/m);
  });

  it('is fetched whole from a server that knows no filters', async () => {
    await remote.git('config', 'uploadpack.allowFilter', 'false');

    const read = await checkout();
    await server.close();

    assert.equal(await text(read, 'dumps/production.sql'), LARGE);
  });

  it('is fetched whole from a server that knows filters and gives no file by its id', async () => {
    server.speaksVersion2 = false;

    const read = await checkout();

    assert.ok(server.sent > LARGE.length / 2);
    assert.equal(await text(read, 'deploy/chart/Chart.yaml'), 'name: shop\n');
  });

  it('says that a file is gone with its commit, where the branch was replaced and no file is given by its id', async () => {
    const read = await checkout();
    const folder = await remote.git('rev-parse', 'main:deploy');
    await remote.git('update-ref', 'refs/heads/main', await remote.git('commit-tree', '-m', 'Begin again', folder));
    server.speaksVersion2 = false;

    await assert.rejects(text(read, 'dumps/production.sql'), { name: 'PreflightFailed', message: /remote\.git/ });
  });

  it('is neither fetched nor sent for records that are beside the definitions', async () => {
    await (await openLedger(beside(), signal)).submit(aRecord({ number: 1 }));
    const again = await openLedger(beside(), signal);
    await again.submit(aRecord({ number: 2 }));

    assert.deepEqual(
      again.records('sizing').map(({ spec }) => spec.number),
      [1, 2],
    );
    assert.equal(await remote.git('cat-file', '-s', 'main:dumps/production.sql'), String(LARGE.length));
    assert.ok(server.sent < 40_000, `${server.sent} bytes`);
  });

  it('does not hide, by never having been fetched, that the branch of records beside it was deleted', async () => {
    const ledger = await openLedger({ ...beside(), repository: remote.url }, signal);
    await remote.git('update-ref', '-d', 'refs/heads/main');

    await assert.rejects(ledger.submit(aRecord({ number: 1 })), {
      name: 'RecordFailed',
      message: /has no such branch \(there is no branch main\)/,
    });
  });
});
