import { openLedger, type LedgerOptions, type OpenLedger } from '../../runner/ledger/open-ledger.ts';
import { GIT_ENVIRONMENT, type Remote } from './git-repository.ts';

/** The results of this repository as run `r1` opens them, which pushes at once; `options` are what a test is about. */
export function openTestLedger(
  { url, scratch }: Pick<Remote, 'url' | 'scratch'>,
  options: Partial<LedgerOptions> = {},
): Promise<OpenLedger> {
  return openLedger(
    {
      repository: url,
      definitionsBranch: 'main',
      author: { name: 'Fieldtrial', email: 'fieldtrial@example.com' },
      workdir: scratch,
      environment: GIT_ENVIRONMENT,
      run: 'r1',
      version: '0.1.0',
      emit: () => undefined,
      pushInterval: 0,
      ...options,
    },
    new AbortController().signal,
  );
}
