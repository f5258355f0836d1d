import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Journal } from '../../../runner/lifecycle/trial-progress.ts';
import { cleanSlot, type CleanEnd } from '../../../runner/slots/clean-slot.ts';
import { formatJournal, parseJournal } from '../../../runner/slots/journal-text.ts';
import { openLeases } from '../../../runner/slots/run-leases.ts';
import { openJournal } from '../../../runner/slots/slot-journal.ts';
import { JOURNAL_ANNOTATION, QUARANTINE_LABEL, QUARANTINE_MESSAGE_ANNOTATION, slotLease } from '../../../runner/slots/slot-lease.ts';
import { buildSetup } from '../../../runner/lifecycle/setup-jobs.ts';
import { aLease } from '../../support/a-lease.ts';
import { aRecord } from '../../support/builders.ts';
import { failedPod, fakeCluster, succeededPod, type FakeCluster, type PlayJob } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aProgress, aRenderedTrial, aSetupTask, aTrial, aTrialTemplate, START } from '../../support/trials.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();
const QUARANTINED = { labels: { [QUARANTINE_LABEL]: 'SetupJobFailed' }, annotations: { [QUARANTINE_MESSAGE_ANNOTATION]: 'it broke' } };
const RENDERED = aRenderedTrial({
  setup: buildSetup(aTrial(), aTrialTemplate({ setupTasks: [aSetupTask({ image: 'seed' })] }), [], 'fieldtrial:test'),
});

describe('cleaning a slot', () => {
  /** A slot with this journal; resolves with what became of it. */
  async function clean(
    journal: Journal | undefined,
    {
      play = succeededPod,
      lease = {},
      objects = [],
    }: { play?: PlayJob; lease?: Pick<KubeObject['metadata'], 'labels' | 'annotations'>; objects?: KubeObject[] } = {},
  ): Promise<{ end: CleanEnd; cluster: FakeCluster; lease: KubeObject; journal: Journal }> {
    const clock = manualClock(START);
    const annotations = { ...lease.annotations, ...(journal && { [JOURNAL_ANNOTATION]: formatJournal(journal) }) };
    const cluster = fakeCluster([aLease({ slot: 'shop-1', ...lease, annotations }), ...objects], play);
    const emit = () => undefined;
    const leases = openLeases('cleaner', { cluster, clock, emit, timing: { duration: 6_000, renewal: 2_000 } });
    const acquisition = await leases.acquire(slotLease('shop-1'), signal);
    assert.ok(acquisition.status === 'Acquired');
    const slot = { name: 'shop-1', lease: acquisition.lease, journal: openJournal(acquisition.lease) };
    const deps = { cluster, clock, emit, unschedulableGrace: 60_000, runner: { version: '0', run: 'cleaner' } };
    const end = await whileTimePasses(cleanSlot(slot, deps, signal), clock);
    await leases.giveBack();
    const after = cluster.get('Lease', 'fieldtrial-slot', 'shop-1')!;
    return { end, cluster, lease: after, journal: parseJournal(after.metadata.annotations?.[JOURNAL_ANNOTATION]) };
  }

  it('frees a quarantined slot whose teardown succeeds now', async () => {
    const { end, cluster, lease, journal } = await clean({ teardown: { rendered: RENDERED }, owed: [] }, { lease: QUARANTINED });

    assert.deepEqual(end, { state: { status: 'Clean' }, tornDown: 'sizing-001', owed: [] });
    assert.ok(cluster.changes.includes('create Job shop-1/sizing-001-delete'));
    assert.deepEqual(journal, { owed: [] });
    assert.equal(lease.metadata.labels?.[QUARANTINE_LABEL], undefined);
    assert.equal(lease.spec.holderIdentity, '');
  });

  it('keeps one quarantined whose teardown fails again, with the journal that it needs', async () => {
    const { end, lease, journal } = await clean({ teardown: { rendered: RENDERED }, owed: [] }, { lease: QUARANTINED, play: failedPod });

    assert.equal(end.state.status, 'Dirty');
    assert.equal(lease.metadata.labels?.[QUARANTINE_LABEL], 'SetupJobFailed');
    assert.equal(journal.teardown?.rendered.trial.name, 'sizing-001');
    assert.equal(lease.spec.holderIdentity, '');
  });

  it('gives up the trial under way, and keeps its record for the next run', async () => {
    const { end, cluster, journal } = await clean(
      { active: aProgress({ rendered: RENDERED, stage: 'run' }), owed: [] },
      { objects: [RENDERED.job as KubeObject] },
    );

    assert.deepEqual(end, { state: { status: 'Clean' }, givenUp: 'sizing-001', tornDown: 'sizing-001', owed: ['sizing-001'] });
    assert.equal(cluster.get('Job', 'sizing-001'), undefined);
    const [owed] = journal.owed;
    assert.deepEqual(
      { stage: owed?.status.failure?.stage, reason: owed?.status.failure?.reason, infrastructure: owed?.status.failure?.infrastructure },
      { stage: 'run', reason: 'Interrupted', infrastructure: true },
    );
    assert.equal(journal.active, undefined);
    assert.equal(journal.teardown, undefined);
  });

  it('puts back what patches of the whole run changed', async () => {
    const target = { apiVersion: 'v1', kind: 'ConfigMap', name: 'web' };
    const web = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web', namespace: 'shop-1' }, data: { color: 'green' } };
    const { fingerprint } = await import('../../../runner/lifecycle/changed-fields.ts');
    const fields = [{ path: ['data', 'color'], before: 'red', ours: [fingerprint('green')] }];

    const { cluster, journal } = await clean({ owed: [], restore: [{ until: 'run', target, fields }] }, { objects: [web] });

    assert.deepEqual(cluster.get('ConfigMap', 'web')?.['data'], { color: 'red' });
    assert.deepEqual(journal, { owed: [] });
  });

  it('keeps records that are owed', async () => {
    const { end, journal } = await clean({ owed: [aRecord()] }, { lease: QUARANTINED });

    assert.equal(end.owed.length, 1);
    assert.equal(journal.owed.length, 1);
  });
});
