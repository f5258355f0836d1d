import { redactUrl } from './redact-url.ts';

/**
 * Why git failed, by what happens next: `outdated` is pushed again on the new tip, `unreachable` is tried again, everything else
 * needs a person. `absent` means that the remote has no such branch.
 */
export type GitFailureKind =
  | 'outdated'
  | 'refused'
  | 'absent'
  | 'authentication'
  | 'host-key'
  | 'permission'
  | 'not-found'
  | 'not-a-repository'
  | 'certificate'
  | 'signing'
  | 'unreachable'
  | 'other';

/** A git command that failed; `words` are git's or the server's own, in one line, without secrets. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  readonly kind: GitFailureKind;
  readonly words: string;

  constructor(kind: GitFailureKind, words: string, options?: ErrorOptions) {
    super(words, options);
    this.kind = kind;
    this.words = words;
  }
}

/**
 * Reads what git printed. git has no error codes, so its words decide, in this one place: they are stable because git runs with
 * `LC_ALL=C` and pushes with `--porcelain`, whose `!` lines are made for machines (git-push(1), "Output").
 */
export function classifyGitFailure(output: string): GitFailed {
  const kind = KINDS.find(([, ...patterns]) => patterns.some((pattern) => pattern.test(output)))?.[0] ?? 'other';
  return new GitFailed(kind, ownWords(output));
}

/** The first that matches decides: a refused push also says that some refs could not be pushed. */
const KINDS: readonly (readonly [GitFailureKind, ...RegExp[]])[] = [
  [
    'outdated',
    /^!\t.*\[rejected\]/m,
    // The server saw the branch move between its advertisement and the update, or lacks the commit that a deleted branch held.
    /^!\t.*\[remote rejected\] \((failed to update ref|cannot lock ref|incorrect old value|reference already exists|shallow update)/m,
    // Our own side: on a branch that was deleted everything is sent, also files of other people's that were never fetched.
    /^fatal: unable to read [0-9a-f]{40}/m,
  ],
  ['refused', /^!\t.*\[remote rejected\]/m],
  ['absent', /couldn't find remote ref/],
  ['host-key', /Host key verification failed/, /REMOTE HOST IDENTIFICATION HAS CHANGED/],
  [
    'permission',
    /returned error: 403/,
    /Permission to .* denied/,
    /not allowed to push/,
    /write access .* not granted/i,
    /insufficient permission/,
  ],
  [
    'authentication',
    /Authentication failed/,
    /could not read (Username|Password)/,
    /Permission denied \(/,
    /returned error: 401/,
    /Access denied/,
    /invalid credentials/i,
  ],
  ['not-found', /repository (.* )?not found/i, /returned error: 404/, /could not be found/],
  ['not-a-repository', /does not appear to be a git repository/, /is this a git repository\?/, /not a git repository/],
  // curl's words for each of the TLS libraries that git is built with.
  [
    'certificate',
    /SSL certificate problem/,
    /server certificate verification failed/,
    /certificate verify failed/i,
    /error setting certificate/,
  ],
  [
    'unreachable',
    /unable to access/,
    /could not resolve/i,
    /connection (refused|timed out|reset|closed)/i,
    /early EOF/,
    /hung up unexpectedly/,
    /RPC failed/,
    /expected flush/,
    /Could not read from remote/,
  ],
];

/** What `--progress` writes, by both sides (git's progress.c and pack-objects). */
const PROGRESS = /^(remote: )?((\w+ )+\w+: +\d+(%| |,|$)|Total \d+ \(delta |Delta compression using )/;

/** The server's own lines (`remote: …`) and the reason of a rejected ref; without them, git's `fatal:` and `error:` lines. */
function ownWords(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => !PROGRESS.test(line));
  const reason = /\[(?:remote )?rejected\] \((.*)\)$/m.exec(output)?.[1];
  const remote = lines.filter((line) => line.startsWith('remote:')).map((line) => line.slice('remote:'.length).trim());
  const said = [...(reason === undefined ? [] : [reason]), ...remote].filter((line) => /[^\s-]/.test(line));
  if (said.length > 0) return oneLine(said.join('; '));

  const failures = lines
    .filter((line) => /^(fatal|error|ssh|ERROR): /.test(line))
    .map((line) => line.replace(/^(fatal|error|ERROR): /, ''));
  // ssh says what happened in lines of its own, and git then only that it could not read.
  const telling = [
    ...lines.filter((line) => /Permission denied \(|Host key verification/.test(line)),
    ...failures.filter((line) => !line.startsWith('Could not read from remote repository')),
  ];
  return oneLine((telling.length > 0 ? telling : lines.filter((line) => line !== '')).join('; '));
}

function oneLine(words: string): string {
  const line = redactUrl(words).replaceAll(/\s+/g, ' ').trim();
  return line.length <= 600 ? line : `${line.slice(0, 600)}…`;
}
