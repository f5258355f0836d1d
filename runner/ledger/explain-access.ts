import { PreflightFailed } from '../model/errors.ts';
import { GitFailed, type GitFailureKind } from './git-failure.ts';

/** Runs a call to the remote before anything was touched; a GitFailed becomes a PreflightFailed that says what has to change. */
export async function duringPreflight<T>(repository: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof GitFailed) throw new PreflightFailed(explainAccess(error, repository), { cause: error });
    throw error;
  }
}

/** One sentence for people: which repository, what is wrong, what would be right, and git's own words where they add something. */
export function explainAccess({ kind, words }: GitFailed, repository: string): string {
  return EXPLANATIONS[kind](repository, words);
}

const EXPLANATIONS: Record<GitFailureKind, (repository: string, words: string) => string> = {
  absent: (repository, words) => `repository ${repository} has no such branch (${words})`,
  authentication: (repository, words) =>
    `repository ${repository} refused the login, or needs one; check the git token or ssh key (${words})`,
  'host-key': (repository, words) =>
    `the host key of ${repository} is not in the known_hosts file, or another one is: somebody may stand between. Ask whoever runs the ` +
    `server for its fingerprint; if the key was replaced, remove the old line (ssh-keygen -R HOST -f FILE) and add the new one ` +
    `(ssh-keyscan HOST), once ssh-keygen -lf shows that fingerprint (${words})`,
  permission: (repository, words) => `the git login may not do this in repository ${repository}; grant it write access (${words})`,
  'not-found': (repository, words) => `repository ${repository} does not exist, or the git login may not see it (${words})`,
  'not-a-repository': (repository, words) => `${repository} is not a git repository (${words})`,
  certificate: (repository, words) =>
    `the certificate of ${repository} is not vouched for by an authority that git knows; give the one that issued it with --git-ca-file (${words})`,
  signing: (_repository, words) => `a commit could not be signed with ${words}`,
  unreachable: (repository, words) => `repository ${repository} cannot be reached (${words})`,
  outdated: (repository, words) => `repository ${repository} changed during the push (${words})`,
  refused: (repository, words) => `repository ${repository} refused the push (${words})`,
  other: (repository, words) => `git failed for repository ${repository}: ${words}`,
};
