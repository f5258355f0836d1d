import type { Clock } from '../clock.ts';
import { RecordFailed } from '../model/errors.ts';
import type { Emit } from '../progress/events.ts';
import { explainAccess } from './explain-access.ts';
import { GitFailed } from './git-failure.ts';

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
  const { repository, branch, clock, emit, retryFor, random } = options;
  const start = clock.now().getTime();
  for (let failures = 0; ; failures++) {
    try {
      await attempt(failures > 0, signal);
      return;
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      const pause = Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE) * (0.5 + random() / 2);
      const again = isTransient(error) && clock.now().getTime() - start + pause <= retryFor;
      if (!again) throw new RecordFailed(explainPush(error, repository, branch, retryFor), { cause: error });
      const reason = error.kind === 'outdated' ? 'NonFastForward' : 'Unreachable';
      emit({ type: 'push-retried', reason, message: `push to ${branch} is tried again: ${error.words}` });
      await clock.sleep(pause, signal);
    }
  }
}

const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5_000;

function isTransient({ kind }: GitFailed): boolean {
  return kind === 'outdated' || kind === 'unreachable';
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
