import type { Clock } from '../clock.ts';
import { RecordFailed } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { explainAccess } from './explain-access.ts';
import { GitFailed } from './git-failure.ts';
import { tryAgain } from './try-again.ts';

export type LandOptions = {
  repository: string;
  branch: string;
  clock: Clock;
  emit: Emit;
  /** Milliseconds after the first attempt in which another one may begin. */
  retryFor: number;
  /** In [0, 1): spreads the attempts of several runners. */
  random: () => number;
};

/** One attempt: looks at the remote first when `again`, then makes the commits and pushes them. Rejects with GitFailed. */
export type Attempt = (again: boolean, signal: AbortSignal) => Promise<void>;

/**
 * Attempts until it worked. Somebody else's push and a remote that does not answer are tried again, with growing jittered pauses, for
 * `retryFor`; a refusal is not, since only a person can change it. Throws RecordFailed that says what the server said and what to do.
 */
export async function landCommits(attempt: Attempt, options: LandOptions, signal: AbortSignal): Promise<void> {
  const { repository, branch, emit, retryFor } = options;
  const onRetry = ({ kind, words }: GitFailed) =>
    emit({
      type: 'push-retried',
      reason: kind === 'outdated' ? 'NonFastForward' : 'Unreachable',
      message: `push to ${branch} is tried again: ${words}`,
    });
  try {
    await tryAgain((again) => attempt(again, signal), { ...options, isPassing, onRetry }, signal);
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    throw new RecordFailed(explainPush(error, repository, branch, retryFor), { cause: error });
  }
}

function isPassing(error: unknown): error is GitFailed {
  return error instanceof GitFailed && (error.kind === 'outdated' || error.kind === 'unreachable');
}

function explainPush(failure: GitFailed, repository: string, branch: string, retryFor: number): string {
  const seconds = `${retryFor / 1000} s`;
  switch (failure.kind) {
    case 'refused':
      return (
        `${repository} refused the push to ${branch} (${failure.words}); ` +
        "allow the runner's login to push there, or name another results branch"
      );
    case 'outdated':
      return `${branch} of ${repository} changed at every attempt to push for ${seconds} (${failure.words}); the next run pushes again`;
    case 'unreachable':
      return `${explainAccess(failure, repository)} for ${seconds}; the next run pushes again`;
    default:
      return explainAccess(failure, repository);
  }
}
