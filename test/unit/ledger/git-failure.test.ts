import assert from 'node:assert/strict';
import { classifyGitFailure, type GitFailureKind } from '../../../runner/ledger/git-failure.ts';

/** What git and the servers print, as it was seen. */
const SEEN: [kind: GitFailureKind, words: string, output: string][] = [
  [
    'outdated',
    'fetch first',
    "To https://h/r.git\n!\trefs/heads/a:refs/heads/a\t[rejected] (fetch first)\nDone\nerror: failed to push some refs to 'https://h/r.git'\n",
  ],
  [
    'refused',
    'pre-receive hook declined; 3 problems: no',
    'Enumerating objects: 5, done.\nCounting objects:  50% (1/2)\rCounting objects: 100% (2/2), done.\nDelta compression using up to 2 threads\nWriting objects: 100% (2/2), 280 bytes | 280.00 KiB/s, done.\nTotal 2 (delta 0), reused 0 (delta 0), pack-reused 0\nremote: Resolving deltas: 100% (1/1), done.        \nremote: 3 problems: no        \nTo /srv/r.git\n!\tabc:refs/heads/a\t[remote rejected] (pre-receive hook declined)\nDone\n',
  ],
  ['outdated', 'non-fast-forward', '!\tabc:refs/heads/a\t[rejected] (non-fast-forward)\n'],
  [
    'outdated',
    'unpacker error',
    "Writing objects:  50% (3/6)\rfatal: unable to read 5e6052f67b6bf87c6862e3e17e1a646cf31cbe16\nerror: remote unpack failed: eof before pack header was fully read\nTo https://h/r.git\n!\tabc:refs/heads/a\t[remote rejected] (unpacker error)\nerror: failed to push some refs to 'https://h/r.git'\n",
  ],
  [
    'refused',
    'unpacker error; fatal: unable to read 5e6052f67b6bf87c6862e3e17e1a646cf31cbe16',
    'remote: fatal: unable to read 5e6052f67b6bf87c6862e3e17e1a646cf31cbe16        \nTo https://h/r.git\n!\tabc:refs/heads/a\t[remote rejected] (unpacker error)\n',
  ],
  ['outdated', 'failed to update ref', '!\tabc:refs/heads/a\t[remote rejected] (failed to update ref)\n'],
  [
    'refused',
    'protected branch hook declined; error: GH006: Protected branch update failed for refs/heads/main.; error: Changes must be made through a pull request.',
    "!\tabc:refs/heads/main\t[remote rejected] (protected branch hook declined)\nDone\nremote: error: GH006: Protected branch update failed for refs/heads/main.        \nremote: error: Changes must be made through a pull request.        \nerror: failed to push some refs to 'https://h/r.git'\n",
  ],
  [
    'refused',
    'pre-receive hook declined; GitLab: You are not allowed to push code to protected branches on this project.',
    '!\tabc:refs/heads/main\t[remote rejected] (pre-receive hook declined)\nremote: GitLab: You are not allowed to push code to protected branches on this project.\nremote: \n',
  ],
  ['absent', "couldn't find remote ref refs/heads/x", "fatal: couldn't find remote ref refs/heads/x\n"],
  [
    'authentication',
    "could not read Username for 'https://h': terminal prompts disabled",
    "fatal: could not read Username for 'https://h': terminal prompts disabled\n",
  ],
  [
    'authentication',
    'Invalid username or token.',
    "remote: Invalid username or token.\nfatal: Authentication failed for 'https://github.com/a/b/'\n",
  ],
  [
    'authentication',
    'git@h: Permission denied (publickey).',
    'git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n',
  ],
  ['host-key', 'Host key verification failed.', 'Host key verification failed.\nfatal: Could not read from remote repository.\n'],
  [
    'permission',
    'Permission to a/b.git denied to bot.',
    "remote: Permission to a/b.git denied to bot.\nfatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 403\n",
  ],
  ['not-found', 'Repository not found.', "remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found\n"],
  ['not-found', 'Repository not found.', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.\n'],
  [
    'not-a-repository',
    "'/x' does not appear to be a git repository",
    "fatal: '/x' does not appear to be a git repository\nfatal: Could not read from remote repository.\n",
  ],
  [
    'unreachable',
    "unable to access 'https://h/r/': Could not resolve host: h",
    "fatal: unable to access 'https://h/r/': Could not resolve host: h\n",
  ],
  [
    'unreachable',
    'ssh: connect to host h port 22: Connection refused',
    'ssh: connect to host h port 22: Connection refused\r\nfatal: Could not read from remote repository.\n',
  ],
  [
    'unreachable',
    "unable to access 'https://h/r/': The requested URL returned error: 503",
    "fatal: unable to access 'https://h/r/': The requested URL returned error: 503\n",
  ],
  [
    'unreachable',
    'RPC failed; curl 52 Empty reply from server; the remote end hung up unexpectedly',
    'error: RPC failed; curl 52 Empty reply from server\nsend-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly\n',
  ],
  ['other', 'something new', 'fatal: something new\n'],
];

describe('classifyGitFailure', () => {
  for (const [kind, words, output] of SEEN) {
    it(`finds "${words}" to be ${kind}`, () => {
      const failure = classifyGitFailure(output);

      assert.deepEqual({ kind: failure.kind, words: failure.words }, { kind, words });
    });
  }

  it('masks the login of a URL', () => {
    assert.equal(
      classifyGitFailure("fatal: repository 'https://me:secret@h/r/' not found").words,
      "repository 'https://***@h/r/' not found",
    );
  });
});
