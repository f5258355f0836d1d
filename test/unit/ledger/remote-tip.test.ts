import assert from 'node:assert/strict';
import { classifyGitFailure } from '../../../runner/ledger/git-failure.ts';
import type { Git } from '../../../runner/ledger/git.ts';
import { openRemoteTip } from '../../../runner/ledger/remote-tip.ts';

const URL = 'https://git.example.com/r.git';
const BLOB = '3b18e512dba79e4c8300dd08aeb37f8e728b8dad';

/** A local repository that lacks the blob, of a server that refuses it in these words; its branch is at one commit after the other. */
function refusing(output: string, commits = ['c0ffee']): { git: Git; filtered: boolean[] } {
  const filtered: boolean[] = [];
  const git: Git = {
    local: async ([verb]) => (verb === 'cat-file' ? `${BLOB} missing\n` : `${commits[Math.min(filtered.length, commits.length) - 1]}\n`),
    async remote(args) {
      if (args.includes('--stdin')) throw classifyGitFailure(output);
      filtered.push(args.includes('--filter=blob:none'));
      return '';
    },
    sign: () => Promise.reject(new Error('nothing is signed')),
    catFile: () => Promise.reject(new Error('nothing is read')),
  };
  return { git, filtered };
}

describe('openRemoteTip', () => {
  const { signal } = new AbortController();

  const refusals = [
    ["git's client", `error: Server does not allow request for unadvertised object ${BLOB}\n`],
    ["git's server", `fatal: remote error: upload-pack: not our ref ${BLOB}\n`],
    ["JGit's server", `fatal: remote error: want ${BLOB} not valid\n`],
  ] as const;
  for (const [who, output] of refusals) {
    it(`fetches the tip whole where files are not given by their ids, in the words of ${who}`, async () => {
      const { git, filtered } = refusing(output);
      const tip = openRemoteTip(git, URL, { partial: true });
      await tip.fetch('refs/heads/main', signal);

      await tip.provide([BLOB], signal);

      assert.deepEqual(filtered, [true, false]);
    });
  }

  it('rejects with any other failure', async () => {
    const tip = openRemoteTip(refusing('fatal: the remote end hung up unexpectedly\n').git, URL, { partial: true });
    await tip.fetch('refs/heads/main', signal);

    await assert.rejects(tip.provide([BLOB], signal), { name: 'GitFailed', kind: 'unreachable' });
  });
});
