import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { checkoutRevision } from '../../../runner/ledger/checkout-revision.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';

describe('one revision of a repository on a server', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;

  beforeEach(async () => {
    remote = await createRemote({ 'experiments/a/experiment.yaml': 'kind: Experiment\n' });
    server = await startGitHttpServer(dirname(remote.path));
  });
  afterEach(async () => {
    await server.close();
    await remote.cleanup();
  });

  function read(revision: string) {
    return checkoutRevision({
      repository: `${server.url}/remote.git`,
      workdir: remote.scratch,
      environment: GIT_ENVIRONMENT,
      revision,
      signal,
    });
  }

  it('names the branch that HEAD is, whose records may lie beside its definitions', async () => {
    const { branch } = await read('HEAD');

    assert.equal(branch, 'main');
  });

  it('is no branch when it is a commit', async () => {
    const { commit } = await read('main');

    const { branch, commit: same } = await read(commit);

    assert.equal(same, commit);
    assert.equal(branch, undefined);
  });
});
