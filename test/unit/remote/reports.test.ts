import assert from 'node:assert/strict';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { RemoteError } from '../../../runner/remote/remote-error.ts';
import { openReports, type EarlierReport } from '../../../runner/remote/reports.ts';
import { aRecord } from '../../support/builders.ts';

const NEVER = new AbortController().signal;
const URL = 'https://api.test/v1/experiments/sizing/trials/1';
const RECORD = aRecord({ source: { type: 'remote', url: URL }, values: { p95: 1 } });
const AWAY = new RemoteError('unreachable', 'the server is away', { uncertain: true });

describe('reports to a remote API', () => {
  let sent: string[];
  let delivered: string[];
  let events: RunEvent[];
  /** Of one request after the other; undefined: it is done. */
  let failures: (RemoteError | undefined)[];

  beforeEach(() => {
    sent = [];
    delivered = [];
    events = [];
    failures = [];
  });

  function aSet(earlier: EarlierReport[] = []) {
    const send = async (line: string) => {
      sent.push(line);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    };
    const api = {
      report: (url: string, body: object) => send(`report ${url} ${JSON.stringify(body)}`),
      abandon: (url: string) => send(`abandon ${url}`),
    };
    return openReports(earlier, { api, delivered: (uid) => delivered.push(uid), emit: (event) => events.push(event) }, NEVER);
  }
  const warnings = () => events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

  it('are sent as soon as a trial is decided, once', async () => {
    const reports = aSet();

    reports.owe(RECORD);
    await reports.deliver(NEVER);
    reports.owe({ ...RECORD, status: { ...RECORD.status, setupDeletion: { status: 'Deleted' } } });
    const failure = await reports.deliver(NEVER);

    assert.equal(failure, undefined);
    assert.deepEqual(sent, [`report ${URL} {"values":[{"metricName":"p95","value":1}]}`]);
    assert.deepEqual(delivered, ['uid-1']);
  });

  it('are owed for nothing that the API did not hand out', async () => {
    const reports = aSet();

    reports.owe(aRecord());
    reports.owe(aRecord({ source: { type: 'retry', of: 1 } }));
    await reports.deliver(NEVER);

    assert.deepEqual(sent, []);
  });

  it('wait for the second try of what the infrastructure failed, and give the trial up after it', async () => {
    const evicted = { failure: { reason: 'Evicted', infrastructure: true } };
    const reports = aSet();

    reports.owe(aRecord({ source: { type: 'remote', url: URL }, ...evicted }));
    await reports.deliver(NEVER);
    const afterFirst = [...sent];
    reports.owe(aRecord({ number: 2, source: { type: 'retry', of: 1, url: URL }, ...evicted }));
    await reports.deliver(NEVER);

    assert.deepEqual([afterFirst, sent], [[], [`abandon ${URL}`]]);
  });

  it('stay owed while the API is away, which is said once, and go out with the next attempt', async () => {
    failures = [AWAY, AWAY];
    const reports = aSet();
    reports.owe(RECORD);

    const failure = await reports.deliver(NEVER);
    const owedThen = reports.owes(URL);
    await reports.deliver(NEVER);

    assert.equal(failure, AWAY);
    assert.equal(owedThen, true);
    assert.equal(reports.owes(URL), false);
    assert.deepEqual(warnings(), ['the report of sizing-001 is owed to the remote API and is sent again later: the server is away']);
    assert.equal(sent.length, 3);
  });

  for (const [reason, status] of [
    ['trial-not-found', 404],
    ['trial-already-reported', 409],
  ] as const) {
    it(`are delivered when the API answers ${status}`, async () => {
      failures = [new RemoteError(reason, 'no', { status })];
      const reports = aSet([{ uid: 'uid-1', trial: 'sizing-001', experiment: 'sizing', url: URL, record: RECORD }]);

      await reports.deliver(NEVER);

      assert.deepEqual(delivered, ['uid-1']);
      assert.deepEqual(warnings(), []);
    });
  }

  it('that the API refuses for good are said, and the trial is abandoned there', async () => {
    failures = [new RemoteError('trial-invalid', 'no metric p95', { status: 422 })];
    const reports = aSet();
    reports.owe(RECORD);

    await reports.deliver(NEVER);

    assert.deepEqual(sent.slice(1), [`abandon ${URL}`]);
    assert.deepEqual(delivered, ['uid-1']);
    assert.deepEqual(warnings(), [
      'the remote API refuses the report of sizing-001 for good, so the trial is abandoned there: no metric p95',
    ]);
  });

  it('do not wait for one that cannot be delivered', async () => {
    const elsewhere = new RemoteError('unexpected', 'it is on another host');
    failures = [elsewhere, undefined, elsewhere];
    const other = { uid: 'uid-9', trial: 'sizing-009', experiment: 'sizing', url: 'https://other.test/9', record: RECORD };
    const reports = aSet([other]);
    reports.owe(RECORD);

    const failure = await reports.deliver(NEVER);

    assert.equal(failure, elsewhere);
    assert.deepEqual(delivered, ['uid-1']);
    assert.deepEqual([reports.owes(other.url), reports.owes(URL)], [true, false]);
  });

  it('of earlier runs whose record is gone give the trial up', async () => {
    const reports = aSet([{ uid: 'uid-9', trial: 'sizing-009', experiment: 'sizing', url: URL, record: undefined }]);

    await reports.deliver(NEVER);

    assert.deepEqual(sent, [`abandon ${URL}`]);
  });

  it('let a bug through', async () => {
    const bug = new TypeError('undefined is not a function');
    const api = { report: () => Promise.reject(bug), abandon: () => Promise.reject(bug) };
    const reports = openReports([], { api, delivered: () => undefined, emit: () => undefined }, NEVER);
    reports.owe(RECORD);

    await assert.rejects(reports.deliver(NEVER), bug);
  });
});
