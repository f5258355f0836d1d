import { openLedger, type LedgerOptions, type OpenLedger } from '../ledger/open-ledger.ts';
import { createScratchRepository } from '../ledger/scratch-repository.ts';
import type { RehearsalClock } from './rehearsal-clock.ts';

/** The real ledger on a git repository that is thrown away; a push takes no time of the rehearsal. */
export async function openScratchLedger(
  options: Pick<LedgerOptions, 'author' | 'workdir' | 'environment' | 'version' | 'run'>,
  clock: RehearsalClock,
  signal: AbortSignal,
): Promise<OpenLedger> {
  return clock.during(async () => {
    const repository = await createScratchRepository(options.workdir, options.environment, signal);
    const ledger = await openLedger({ ...options, repository, definitionsBranch: 'main', emit: () => undefined, pushInterval: 0 }, signal);
    return {
      ...ledger,
      checkPush: (scoped) => clock.during(() => ledger.checkPush(scoped)),
      begin: (experiments, scoped) => clock.during(() => ledger.begin(experiments, scoped)),
      submit: (record) => clock.during(() => ledger.submit(record)),
      flush: (scoped) => clock.during(() => ledger.flush(scoped)),
    };
  });
}
