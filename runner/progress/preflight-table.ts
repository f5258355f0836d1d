import type { PreflightReport, PreflightSlot } from './events.ts';
import { textTable } from './text-table.ts';

/** What a preflight proved, a line for each check; what is missing or refused in the words of whoever said so. */
export function preflightTable({ branch, server, clockSeconds, slots }: PreflightReport): string[] {
  return textTable(
    ['CHECK', 'WHERE', 'RESULT'],
    [
      ['git push', branch, 'accepted; the first commit of a run proves it'],
      ['version', 'cluster', server],
      ['clock', 'cluster', clockResult(clockSeconds)],
      ...slots.flatMap(slotRows),
    ],
  );
}

/** The same in one clause. */
export function preflightLine({ branch, server, clockSeconds, slots }: PreflightReport): string {
  const good = slots.filter(
    ({ missing, create, trials }) =>
      missing.length === 0 && create?.refused === undefined && trials.every(({ refused }) => refused.length === 0),
  );
  const created = good.filter(({ create }) => create !== undefined).map(({ slot }) => slot);
  const toCreate = created.length === 0 ? '' : `, to be created: ${created.join(', ')}`;
  return `preflight: push to ${branch} accepted, Kubernetes ${server}, clock ${clockResult(clockSeconds)}, ${good.length} of ${slots.length} slots ready${toCreate}`;
}

function clockResult(seconds: number | undefined): string {
  if (seconds === undefined) return 'unknown';
  return seconds === 0 ? 'the same' : `${Math.abs(seconds).toFixed(1)} s ${seconds > 0 ? 'ahead' : 'behind'}`;
}

function createResult({ experiment, refused }: NonNullable<PreflightSlot['create']>): string {
  const made = `from the namespaceTemplate of ${experiment}`;
  return refused === undefined ? `does not exist; a run creates it ${made}` : `cannot be made ${made}: ${refused}`;
}

function slotRows({ slot, missing, create, trials, untried }: PreflightSlot): string[][] {
  return [
    ...(create === undefined ? [] : [['namespace', slot, createResult(create)]]),
    ['permissions', slot, missing.length === 0 ? 'granted' : `missing: ${missing.join('; ')}`],
    ...(untried === undefined ? [] : [['first trial', slot, `not tried: ${untried}`]]),
    ...trials.flatMap((trial) => [
      ['first trial', slot, `${trial.experiment}: ${trial.refused.length === 0 ? 'accepted' : `refused: ${trial.refused.join('; ')}`}`],
      ...trial.untried.map((each) => ['', '', `not tried: ${each}`]),
    ]),
  ];
}
