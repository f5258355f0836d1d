import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { openGit, type Git } from '../../../runner/ledger/git.ts';
import { openRemoteTip } from '../../../runner/ledger/remote-tip.ts';
import { parseRepository } from '../../../runner/ledger/repository-address.ts';
import { startGitHttpServer, type GitHttpServer } from '../../support/git-http-server.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { openThrottledLine, type ThrottledLine } from '../../support/throttled-line.ts';

describe('a slow line to a git server', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let server: GitHttpServer;
  let line: ThrottledLine;

  beforeEach(async () => {
    remote = await createRemote({ large: randomBytes(300_000).toString('base64') });
    server = await startGitHttpServer(dirname(remote.path));
  });
  afterEach(async () => {
    await line.close();
    await server.close();
    await remote.cleanup();
  });

  async function fetchThrough(how: Parameters<typeof openThrottledLine>[1], stallLimit: number): Promise<{ git: Git; commit: string }> {
    line = await openThrottledLine(Number(new URL(server.url).port), how);
    const address = parseRepository(`http://127.0.0.1:${line.port}/remote.git`);
    const git = openGit({ folder: remote.scratch, address, credentials: undefined, environment: GIT_ENVIRONMENT, stallLimit });
    await git.local(['init', '--quiet', '--bare'], signal);
    return { git, commit: await openRemoteTip(git, address.url, { partial: false }).fetch('refs/heads/main', signal) };
  }

  it('is waited for as long as something moves, beyond the limit for one that stands still', async () => {
    // Four seconds for the whole, in pieces.
    const { git, commit } = await fetchThrough({ bytes: 8_000, every: 80 }, 2_500);

    assert.equal((await git.local(['cat-file', '-s', `${commit}:large`], signal)).trim(), '400000');
  });

  it('is given up by no limit of git that comes before ours: a hook of the server may work for a while, and a line may pass little', async () => {
    const { git } = await fetchThrough({ bytes: 1_000_000, every: 1 }, 120_000);

    // Bytes per second, and for how many seconds they have to stay below (git-config(1)).
    assert.equal((await git.local(['config', 'http.lowSpeedLimit'], signal)).trim(), '1');
    assert.equal((await git.local(['config', 'http.lowSpeedTime'], signal)).trim(), '120');
  });

  it('is given up when it stands still, with a sentence that says for how long', async () => {
    await assert.rejects(fetchThrough({ bytes: 50_000, every: 10, total: 100_000 }, 1_500), {
      name: 'GitFailed',
      kind: 'unreachable',
      message: 'nothing came or went for 1.5 s',
    });
  });
});
