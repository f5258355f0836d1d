import { boundRecord } from '../ledger/bound-record.ts';
import type { SlotState } from '../lifecycle/teardown.ts';
import type { TrialRecord } from '../model/record.ts';

/**
 * A trial's record with the news that its teardown failed, or that a later one did not; undefined where there is no news. A teardown that
 * goes well is none: a second commit for every trial would hide the results in their own history.
 */
export function withDeletion(record: TrialRecord, state: SlotState): TrialRecord | undefined {
  if (state.status === 'Clean' && record.status.setupDeletion?.status !== 'Failed') return undefined;
  const setupDeletion =
    state.status === 'Clean'
      ? ({ status: 'Deleted' } as const)
      : ({ status: 'Failed', reason: state.reason, message: state.message } as const);
  return boundRecord({ ...record, status: { ...record.status, setupDeletion } });
}
