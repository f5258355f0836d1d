import assert from 'node:assert/strict';
import type { RemoteState } from '../../../runner/model/remote.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { openRemote } from '../../../runner/remote/open-remote.ts';
import { warnOfOwed } from '../../../runner/remote/warn-of-owed.ts';
import { aRecord } from '../../support/builders.ts';
import { experimentsState } from '../../support/experiments-api/experiments-state.ts';
import { memoryApi } from '../../support/experiments-api/memory-api.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { memoryRemoteLedger } from '../../support/memory-remote-ledger.ts';

const NEVER = new AbortController().signal;
const ASSIGNMENTS = [{ parameterName: 'cpu', value: 4 }];

describe('what earlier runs owe to a remote API', () => {
  let server: ReturnType<typeof experimentsState>;
  let ledger: ReturnType<typeof memoryRemoteLedger>;
  let states: Map<string, RemoteState>;
  let events: RunEvent[];

  beforeEach(() => {
    server = experimentsState();
    server.put('sizing', { parameters: [{ name: 'cpu', type: 'int', bounds: { min: 1, max: 4 } }], metrics: [] });
    server.suggest('sizing', { assignments: ASSIGNMENTS });
    server.next('sizing');
    const url = 'https://api.test/v1/experiments/sizing/trials/1';
    const record: TrialRecord = aRecord({ source: { type: 'remote', url }, values: { p95: 1 } });
    const { uid } = record.spec;
    states = new Map([['sizing', { owed: [{ trial: 'sizing-001', uid, url }] }]]);
    ledger = memoryRemoteLedger(new Map([[uid, [record]]]), states);
    events = [];
  });

  const emit = (event: RunEvent) => void events.push(event);

  it('is delivered whatever became of the experiment: deleted here, or suggested to by another source', async () => {
    // Nobody asks it for the source of an experiment.
    await openRemote({ api: memoryApi(server), patience: 0 }, { ledger, clock: manualClock(), emit }, NEVER).deliver();
    await ledger.flush(NEVER);

    assert.equal(server.experiments.get('sizing')?.trials[0]?.status, 'completed');
    assert.deepEqual(ledger.remote.owing(), []);
  });

  it('stays owed where the installation names no API any more, and is told with the flag that names one', () => {
    warnOfOwed(ledger.remote, emit);

    assert.deepEqual(events, [
      {
        type: 'notice',
        level: 'warning',
        experiment: 'sizing',
        message:
          'reports owed to a remote API stay owed, since this installation names none: sizing-001; give --remote-url (FIELDTRIAL_REMOTE_URL)',
      },
    ]);
    assert.deepEqual(ledger.remote.owing(), ['sizing']);
  });
});
