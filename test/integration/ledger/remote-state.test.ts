import assert from 'node:assert/strict';
import type { LedgerOptions } from '../../../runner/ledger/open-ledger.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { aRecord } from '../../support/builders.ts';
import { createRemote, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';

const BRANCH = 'fieldtrial/results';
const FILE = 'experiments/sizing/remote.yaml';
const API = 'https://api.test/v1/experiments/sizing';
const LINK = { url: API, trialsUrl: `${API}/trials`, nextTrialUrl: `${API}/next-trial`, definition: '0123456789abcdef' };

const fromApi = (number: number) => aRecord({ number, source: { type: 'remote', url: `${API}/trials/${number}` }, values: { p95: 1 } });

describe('remote.yaml on the results branch', () => {
  let remote: Remote;
  let events: RunEvent[];

  beforeEach(async () => {
    remote = await createRemote({ 'README.md': 'Read me.\n' });
    events = [];
  });
  afterEach(() => remote.cleanup());

  const open = (options: Partial<LedgerOptions> = {}) => openTestLedger(remote, { emit: (event) => events.push(event), ...options });

  it('has the report that a record owes in the commit of that record', async () => {
    const ledger = await open();
    ledger.remote.link('sizing', LINK);

    await ledger.submit(fromApi(1));

    assert.deepEqual(await remote.log(BRANCH), ['sizing-001: p95 1', `Create ${BRANCH}`]);
    assert.equal(
      await remote.read(BRANCH, FILE),
      `apiVersion: fieldtrial.dev/v1alpha1
kind: RemoteExperiment
metadata:
  name: sizing
spec:
  url: ${API}
  trialsUrl: ${API}/trials
  nextTrialUrl: ${API}/next-trial
  definition: 0123456789abcdef
status:
  owed:
    - trial: sizing-001
      uid: uid-1
      url: ${API}/trials/1`,
    );
    await ledger.close();
  });

  it('has none that was delivered before its record was pushed', async () => {
    const ledger = await open();
    ledger.remote.delivered('uid-1');

    await ledger.submit(fromApi(1));

    assert.ok(!(await remote.list(BRANCH)).includes(FILE));
    await ledger.close();
  });

  it('tells the next run what is owed, and loses it with the next record', async () => {
    const earlier = await open();
    await earlier.submit(fromApi(1));
    await earlier.close();
    const ledger = await open({ run: 'r2' });

    const owing = ledger.remote.owing();
    const { owed } = ledger.remote.state('sizing');
    ledger.remote.delivered('uid-1');
    await ledger.submit(fromApi(2));
    ledger.remote.delivered('uid-2');
    await ledger.close();

    assert.deepEqual(owing, ['sizing']);
    assert.deepEqual(owed, [{ trial: 'sizing-001', uid: 'uid-1', url: `${API}/trials/1` }]);
    assert.deepEqual((await open({ run: 'r3' })).remote.owing(), []);
    assert.deepEqual((await remote.log(BRANCH)).toReversed().slice(1), [
      'sizing-001: p95 1',
      'sizing-002: p95 1',
      'sizing: 1 owed report delivered to the remote API',
    ]);
  });

  it('owes nothing again when a record gets its teardown added', async () => {
    const ledger = await open();
    await ledger.submit(fromApi(1));
    ledger.remote.delivered('uid-1');
    const record = fromApi(1);

    await ledger.submit({
      ...record,
      status: { ...record.status, setupDeletion: { status: 'Failed', reason: 'SetupJobFailed', message: 'no' } },
    });

    assert.deepEqual((await open()).remote.owing(), []);
    await ledger.close();
  });

  it('keeps what somebody else pushed meanwhile', async () => {
    const ledger = await open();
    await ledger.submit(fromApi(1));
    const other = await open({ run: 'r2' });
    await other.submit({ ...fromApi(2), spec: { ...fromApi(2).spec, uid: 'uid-2' } });
    await other.close();

    ledger.remote.delivered('uid-1');
    await ledger.close();

    assert.deepEqual(
      (await open()).remote.state('sizing').owed.map(({ uid }) => uid),
      ['uid-2'],
    );
  });

  it('remembers that the API is finished, by a commit that says so', async () => {
    const ledger = await open();
    ledger.remote.link('sizing', LINK);
    ledger.remote.link('sizing', { ...LINK, finished: 'budget is exhausted' });

    await ledger.close();

    assert.deepEqual((await remote.log(BRANCH))[0], 'sizing: the remote API hands out no more trials');
    assert.equal((await open()).remote.state('sizing').link?.finished, 'budget is exhausted');
  });

  it('is pushed by nobody who changed nothing', async () => {
    const ledger = await open();
    ledger.remote.link('sizing', LINK);
    await ledger.close();
    const tip = await remote.git('rev-parse', BRANCH);

    await (await open()).close();

    assert.equal(await remote.git('rev-parse', BRANCH), tip);
  });

  it('counts for nothing when the runner did not write it, and is told', async () => {
    await remote.commit({ [FILE]: 'owed: everything\n' }, 'Meddle', BRANCH);

    const ledger = await open();

    assert.deepEqual(ledger.remote.state('sizing'), { owed: [] });
    assert.match(
      events.map((event) => (event.type === 'notice' ? event.message : '')).join(),
      /holds experiments\/sizing\/remote\.yaml, which the runner did not write/,
    );
  });
});
