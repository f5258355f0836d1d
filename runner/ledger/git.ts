import { GitError, GitPluginError, simpleGit } from 'simple-git';
import { redactor } from '../progress/redact.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { withoutOwnSecrets } from '../without-own-secrets.ts';
import type { Author } from './commit-stream.ts';
import { readAccess, type GitAccess, type GitCredentials } from './credentials.ts';
import { classifyGitFailure, GitFailed } from './git-failure.ts';
import { objectLines } from './object-lines.ts';
import type { RepositoryAddress } from './repository-address.ts';

/** The variables of the process that starts git: it needs PATH, HOME and proxy settings. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** git in one folder. Every call rejects with GitFailed, or with the signal's reason when it aborts. */
export type Git = {
  /** Touches this folder only; sees no credentials. Resolves with stdout. */
  local(args: readonly string[], signal: AbortSignal, input?: Buffer): Promise<string>;
  /** Talks to the remote: credentials are read again, and nothing from git for `stallLimit` counts as unreachable. A transfer tells how far it is
   *  with `--progress`, so that a slow one is not taken for one that stands still. */
  remote(args: readonly string[], signal: AbortSignal, input?: Buffer): Promise<string>;
  /** Makes a commit that is signed with the signing key; resolves with its id. */
  sign(commit: UnsignedCommit, signal: AbortSignal): Promise<string>;
  /** `git cat-file --batch`, as bytes: contents are counted in bytes. */
  catFile(names: readonly string[], signal: AbortSignal): Promise<Buffer>;
};

type UnsignedCommit = { tree: string; parent: string | undefined; message: string; author: Author; at: Date };

export type GitOptions = {
  folder: string;
  address: RepositoryAddress;
  credentials: GitCredentials | undefined;
  environment: Environment;
  /** Certificates (PEM) of the authorities that the repository's server may be vouched for by, in the place of the system's. */
  caFile?: string | undefined;
  /** A private SSH key, with which commits are signed (git-config(1), `gpg.format`). */
  signingKeyFile?: string | undefined;
  /** Milliseconds without a word from git after which the remote is given up; default 120 000. git says how far it is about once a second. */
  stallLimit?: number;
};

/**
 * git by way of simple-git, made independent of the user's settings where they could change what we write or stop for a question:
 * no hooks, no signing, no prompts, no line-ending conversion, no background work, English messages. Proxies, certificate settings and
 * `url.*.insteadOf` of the user stay in force.
 */
export function openGit(options: GitOptions): Git {
  const { folder, address, credentials, environment, caFile, signingKeyFile, stallLimit = 120_000 } = options;
  const inherited = withoutGuarded(withoutOwnSecrets(environment));

  return {
    local: (args, signal, input) => execute(args, NO_ACCESS, signal, input),
    remote: async (args, signal, input) => {
      const stalled = new AbortController();
      const timer = setTimeout(() => stalled.abort(), stallLimit);
      try {
        const access = withAuthority(await readAccess(credentials, address), address, caFile);
        const given = AbortSignal.any([signal, stalled.signal]);
        return await translated(given, access.secrets, () =>
          client(access, given, input)
            .outputHandler((_command, stdout, stderr) => {
              for (const stream of [stdout, stderr]) stream.on('data', () => timer.refresh());
            })
            .raw([...args]),
        );
      } catch (cause) {
        if (signal.aborted || !stalled.signal.aborted) throw cause;
        throw new GitFailed('unreachable', `nothing came or went for ${stallLimit / 1000} s`, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
    async sign({ tree, parent, message, author, at }, signal) {
      const date = `@${Math.floor(at.getTime() / 1000)} +0000`;
      const person = (role: string) => [
        [`GIT_${role}_NAME`, author.name],
        [`GIT_${role}_EMAIL`, author.email],
        [`GIT_${role}_DATE`, date],
      ];
      const access: GitAccess = {
        environment: Object.fromEntries([...person('AUTHOR'), ...person('COMMITTER')]),
        config: [
          ['gpg.format', 'ssh'],
          ['user.signingKey', signingKeyFile ?? ''],
        ],
        secrets: [],
      };
      const parents = parent === undefined ? [] : ['-p', parent];
      try {
        return (await execute(['commit-tree', '-S', ...parents, '-F', '-', tree], access, signal, Buffer.from(message))).trim();
      } catch (cause) {
        if (!(cause instanceof GitFailed)) throw cause;
        throw new GitFailed('signing', `the key ${signingKeyFile}: ${cause.words}`, { cause });
      }
    },
    catFile(names, signal) {
      return translated(signal, [], () => client(NO_ACCESS, signal, objectLines(names)).binaryCatFile(['--batch']));
    },
  };

  function execute(args: readonly string[], access: GitAccess, signal: AbortSignal, input?: Buffer): Promise<string> {
    return translated(signal, access.secrets, () => client(access, signal, input).raw([...args]));
  }

  function client(access: GitAccess, signal: AbortSignal, input?: Buffer) {
    const ours = ownVariables(access, stallLimit);
    return simpleGit({
      baseDir: folder,
      abort: signal,
      input: () => input,
      // simple-git removes every GIT_ variable that is not named here.
      allowEnvironment: Object.keys({ ...inherited, ...ours }),
      // Its guards are for arguments that come from strangers; these settings are ours (the constants below, credentials.ts and remote-tip.ts).
      unsafe: {
        allowUnsafeConfigEnvCount: true,
        // Its patterns also match host names inside the keys of settings that hold for one host.
        allowUnsafeAlias: true,
        allowUnsafePager: true,
        allowUnsafeCredentialHelper: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeHooksPath: true,
        allowUnsafePack: true,
        allowUnsafeSshCommand: true,
      },
      // Without this an exit code without words on stderr would pass for success.
      errors(error, { exitCode, stdOut, stdErr }) {
        if (error !== undefined || exitCode === 0) return error;
        return Buffer.concat([...stdOut, ...stdErr, Buffer.from(`\ngit ended with exit code ${exitCode}`)]);
      },
    }).env({ ...inherited, ...ours });
  }
}

/** For the repository's own origin only: what else git may be sent to (`url.*.insteadOf`) keeps its own authorities. */
function withAuthority(access: GitAccess, address: RepositoryAddress, caFile: string | undefined): GitAccess {
  if (caFile === undefined || address.transport !== 'http') return access;
  return { ...access, config: [...access.config, [`http.${address.origin}/.sslCAInfo`, caFile]] };
}

const NO_ACCESS: GitAccess = { environment: {}, config: [], secrets: [] };

const CONFIG: GitAccess['config'] = [
  ['core.hooksPath', '/dev/null'],
  ['core.autocrlf', 'false'],
  ['core.fsmonitor', 'false'],
  ['core.quotePath', 'false'],
  ['commit.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['push.followTags', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['fetch.recurseSubmodules', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

/**
 * The same patience for curl, in bytes per second and seconds. Without a limit a helper of git (git-remote-http) that we gave up, and that is not waited
 * for, would hold on for ever to a server that does not answer; with a stricter one a server whose hook works for a while would be cut off.
 */
function lowSpeed(stallLimit: number): GitAccess['config'] {
  return [
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', String(Math.ceil(stallLimit / 1000))],
  ];
}

function ownVariables(access: GitAccess, stallLimit: number): Record<string, string> {
  const config = [...CONFIG, ...lowSpeed(stallLimit), ...access.config];
  const entries = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...access.environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(entries),
  };
}

/**
 * The caller's variables without those that redirect git (`GIT_DIR`, `GIT_CONFIG_…`: a runner started by a git hook has them), open an editor,
 * ask somebody, or trace requests with their headers. `GIT_SSL_…` and `GIT_SSH…` stay: they say how the user reaches the server.
 */
function withoutGuarded(environment: Environment): Record<string, string> {
  const entries = Object.entries(environment).filter((entry): entry is [string, string] => {
    const name = entry[0].toUpperCase();
    if (entry[1] === undefined) return false;
    return name.startsWith('GIT_') ? /^GIT_SS[HL](_|$)/.test(name) : !GUARDED.includes(name);
  });
  return Object.fromEntries(entries);
}

/** Of these simple-git refuses to pass any on; `PREFIX` is where git looks for its system configuration. */
const GUARDED = ['EDITOR', 'VISUAL', 'PAGER', 'PREFIX', 'SSH_ASKPASS'];

/** simple-git's errors carry git's whole output as their message; they end here, since it may hold what a server echoed. */
async function translated<T>(signal: AbortSignal, secrets: readonly string[], call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    // A git that was told to end is not waited for: its helpers hold on to a server that does not answer.
    return await unlessAborted(call(), signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof GitError) || error instanceof GitPluginError) throw error;
    const output = redactor(secrets)(error.message);
    if (/spawn git ENOENT/.test(output)) throw new GitFailed('other', 'git is not installed, or not on the PATH');
    throw classifyGitFailure(output);
  }
}
