import type { RemoteLedger } from '../ledger/open-ledger.ts';
import type { Emit } from '../progress/events.ts';

/** Warns of reports that earlier runs owe to a remote API where the installation names none any more; they stay owed and hold nothing up. */
export function warnOfOwed(ledger: Pick<RemoteLedger, 'owing' | 'state'>, emit: Emit): void {
  for (const experiment of ledger.owing()) {
    const trials = ledger.state(experiment).owed.map(({ trial }) => trial);
    const message = `reports owed to a remote API stay owed, since this installation names none: ${trials.join(', ')}; give --remote-url (FIELDTRIAL_REMOTE_URL)`;
    emit({ type: 'notice', level: 'warning', experiment, message });
  }
}
