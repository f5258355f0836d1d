import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RepositoryFiles } from '../../../runner/definition/repository-files.ts';
import { checkoutDefinitions, type CheckoutOptions } from '../../../runner/ledger/checkout.ts';
import { PreflightFailed } from '../../../runner/model/errors.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';

describe('checkoutDefinitions', () => {
  const { signal } = new AbortController();
  let remote: Remote;

  beforeEach(async () => {
    remote = await createRemote({ 'experiments/a/experiment.yaml': 'kind: Experiment\n' });
  });
  afterEach(() => remote.cleanup());

  function checkout(options: Partial<CheckoutOptions> = {}) {
    return checkoutDefinitions({ repository: remote.url, workdir: remote.scratch, environment: GIT_ENVIRONMENT, signal, ...options });
  }

  /** The ids of everything that was fetched. */
  async function fetched(): Promise<string> {
    const [folder = ''] = (await readdir(remote.scratch)).filter((name) => name.startsWith('definitions-'));
    return remote.git('-C', join(remote.scratch, folder), 'cat-file', '--batch-all-objects', '--batch-check');
  }

  it('reads the tip of the default branch', async () => {
    const { files, commit, branch } = await checkout();

    assert.equal(await text(files, 'experiments/a/experiment.yaml'), 'kind: Experiment\n');
    assert.equal(commit, await remote.git('rev-parse', 'main'));
    assert.equal(branch, 'main');
  });

  it('reads another branch when one is named', async () => {
    await remote.commit({ 'here.yaml': 'on a branch\n' }, 'Try something', 'topic/one');

    const { files, branch } = await checkout({ branch: 'topic/one' });

    assert.equal(await text(files, 'here.yaml'), 'on a branch\n');
    assert.equal(branch, 'topic/one');
  });

  it('reads the checked-out branch of a local repository that is not bare, as it is committed', async () => {
    const work = await remote.clone();
    await writeFile(join(work, 'experiments/a/experiment.yaml'), 'not committed\n');

    const { files } = await checkout({ repository: work });

    assert.equal(await text(files, 'experiments/a/experiment.yaml'), 'kind: Experiment\n');
  });

  describe('of a HEAD that names no branch', () => {
    beforeEach(async () => {
      await remote.git('update-ref', '--no-deref', 'HEAD', 'main');
      await remote.git('update-ref', '-d', 'refs/heads/main');
    });

    it('takes its commit where that will do', async () => {
      const { files, commit, branch } = await checkout({ detached: true });

      assert.equal(await text(files, 'experiments/a/experiment.yaml'), 'kind: Experiment\n');
      assert.deepEqual({ commit, branch }, { commit: await remote.git('rev-parse', 'HEAD'), branch: 'HEAD' });
    });

    it('demands a branch where it is to be followed', async () => {
      await remote.git('update-ref', 'refs/heads/topic', 'HEAD');

      await assert.rejects(checkout(), new PreflightFailed(`repository ${remote.path} has no default branch; name one, it has topic`));
    });
  });

  it('fetches one commit and not the history', async () => {
    const first = await remote.git('rev-parse', 'main');
    await remote.commit({ 'two.yaml': '2\n' });

    await checkout();

    assert.doesNotMatch(await fetched(), new RegExp(first));
  });

  it('says that nothing changed while the branch stays', async () => {
    const { refresh, commit, files } = await checkout();

    assert.deepEqual(await refresh(signal), { commit, changed: false, files });
  });

  it('reads a new commit and leaves the first as it was', async () => {
    const first = await checkout();
    const tip = await remote.commit({ 'experiments/a/experiment.yaml': 'kind: Changed\n' });

    const fresh = await first.refresh(signal);

    assert.deepEqual({ commit: fresh.commit, changed: fresh.changed }, { commit: tip, changed: true });
    assert.equal(await text(fresh.files, 'experiments/a/experiment.yaml'), 'kind: Changed\n');
    assert.equal(await text(first.files, 'experiments/a/experiment.yaml'), 'kind: Experiment\n');
  });

  it('reads a new commit with the signal of the look that asks, whatever became of the one that saw it first', async () => {
    const { refresh } = await checkout();
    await remote.commit({ 'notes.txt': 'not fetched by itself\n' });
    const early = new AbortController();
    await refresh(early.signal);
    early.abort(new Error('too late'));

    const fresh = await refresh(signal);

    assert.equal(await text(fresh.files, 'notes.txt'), 'not fetched by itself\n');
  });

  it('names branches when the one that is wanted does not exist', async () => {
    await assert.rejects(checkout({ branch: 'mian' }), new PreflightFailed(`repository ${remote.path} has no branch mian; it has main`));
  });

  it('says that a folder does not exist', async () => {
    await assert.rejects(checkout({ repository: '/nowhere/at/all' }), new PreflightFailed('repository /nowhere/at/all does not exist'));
  });

  it('says that a folder is no repository', async () => {
    await assert.rejects(checkout({ repository: remote.scratch }), { name: 'PreflightFailed', message: /is not a git repository/ });
  });

  it('says that a repository is empty', async () => {
    const empty = await createRemote();

    const reading = checkout({ repository: empty.url });

    await assert.rejects(reading, new PreflightFailed(`repository ${empty.path} is empty; commit an experiment to it first`));
    await empty.cleanup();
  });

  it('says that a host cannot be reached', async () => {
    await assert.rejects(checkout({ repository: 'http://127.0.0.1:1/shop.git' }), {
      name: 'PreflightFailed',
      message: /^repository http:\/\/127\.0\.0\.1:1\/shop\.git cannot be reached \(/,
    });
  });

  it('stops with the reason of the signal', async () => {
    const reason = new Error('the run ends');

    await assert.rejects(checkout({ signal: AbortSignal.abort(reason) }), reason);
  });

  describe('over HTTP', () => {
    let server: GitHttpServer;

    beforeEach(async () => {
      server = await startGitHttpServer(dirname(remote.path), 'runner:s3cret-token');
    });
    afterEach(() => server.close());

    it('reads with a token that leaves no trace in the folder', async () => {
      const tokenFile = join(dirname(remote.path), 'token');
      await writeFile(tokenFile, 's3cret-token\n');

      const { files } = await checkout({
        repository: `${server.url}/remote.git`,
        credentials: { type: 'token', username: 'runner', tokenFile },
      });

      assert.equal(await text(files, 'experiments/a/experiment.yaml'), 'kind: Experiment\n');
      const kept = await readFolder(remote.scratch);
      assert.match(kept, /\[core\]/);
      assert.doesNotMatch(kept, /s3cret|Basic |runner:/);
    });

    it('takes the login out of a URL', async () => {
      const repository = `${server.url.replace('//', '//runner:s3cret-token@')}/remote.git`;

      await checkout({ repository });

      const kept = await readFolder(remote.scratch);
      assert.match(kept, /\[core\]/);
      assert.doesNotMatch(kept, /s3cret/);
    });

    it('says that a token is wrong without showing it', async () => {
      const reading = checkout({
        repository: `${server.url}/remote.git`,
        credentials: { type: 'token', username: 'runner', token: 'wr0ng-token' },
      });

      await assert.rejects(reading, (error: Error) => {
        assert.equal(error.name, 'PreflightFailed');
        assert.match(error.message, /refused the login, or needs one; check the git token/);
        assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, /wr0ng|cnVubmVy/);
        return true;
      });
    });

    it('says that a token is needed', async () => {
      await assert.rejects(checkout({ repository: `${server.url}/remote.git` }), { message: /needs one; check the git token/ });
    });

    it('says that the token file is missing', async () => {
      const reading = checkout({
        repository: `${server.url}/remote.git`,
        credentials: { type: 'token', tokenFile: '/nowhere/token' },
      });

      await assert.rejects(reading, { name: 'PreflightFailed', message: /token file \/nowhere\/token cannot be read \(ENOENT\)/ });
    });

    it('says that a repository does not exist on the server', async () => {
      server.login = undefined;

      await assert.rejects(checkout({ repository: `${server.url}/other.git` }), {
        name: 'PreflightFailed',
        message: /^repository http:.*\/other\.git does not exist, or the git login may not see it/,
      });
    });

    it('says that a server is no git server', async () => {
      server.intercept = () => 200;

      await assert.rejects(checkout({ repository: `${server.url}/page` }), { name: 'PreflightFailed', message: /is not a git repository/ });
    });
  });
});

async function text(files: RepositoryFiles, path: string): Promise<string> {
  return (await files.read(path)).toString('utf8');
}

/** Every file below a folder, one after the other. */
async function readFolder(folder: string): Promise<string> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return (await Promise.all(entries.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))).join('\n');
}
