import type { CheckedExperiment } from './check-definitions.ts';
import type { Emit } from './progress/events.ts';
import type { ExperimentsApi } from './remote/experiments-api.ts';
import { RemoteError } from './remote/remote-error.ts';

const NOT_CONFIGURED = 'suggest.source is remote, and this installation names no remote API; give --remote-url (FIELDTRIAL_REMOTE_URL)';

/**
 * The experiments without those whose remote API this installation does not name or does not get into; these are told, and why each is
 * left out is returned with the rest. An API that is away is no reason: it may be back when it is needed.
 */
export async function requireRemote(
  work: readonly CheckedExperiment[],
  api: Pick<ExperimentsApi, 'check'> | undefined,
  emit: Emit,
  signal: AbortSignal,
): Promise<{ work: CheckedExperiment[]; refusal: string | undefined }> {
  const isRemote = ({ experiment }: CheckedExperiment) => experiment.suggest.source === 'remote';
  const remote = work.filter(isRemote);
  const refused = remote.length === 0 ? undefined : await refusalOf(api, signal);
  if (refused === undefined) return { work: [...work], refusal: undefined };
  for (const { experiment } of remote) emit({ type: 'experiment-skipped', experiment: experiment.name, ...refused });
  return { work: work.filter((each) => !isRemote(each)), refusal: refused.message };
}

async function refusalOf(
  api: Pick<ExperimentsApi, 'check'> | undefined,
  signal: AbortSignal,
): Promise<{ reason: string; message: string } | undefined> {
  if (api === undefined) return { reason: 'RemoteNotConfigured', message: NOT_CONFIGURED };
  try {
    await api.check(signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (error.reason !== 'unauthorized') return undefined;
    const message = `${error.message}; check the token or the client id and secret of the remote API`;
    return { reason: 'RemoteUnauthorized', message };
  }
}
