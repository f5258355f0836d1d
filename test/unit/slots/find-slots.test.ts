import assert from 'node:assert/strict';
import type { CheckedExperiment } from '../../../runner/check-definitions.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import { findSlots } from '../../../runner/slots/find-slots.ts';
import { formatJournal } from '../../../runner/slots/journal-text.ts';
import { JOURNAL_ANNOTATION } from '../../../runner/slots/slot-lease.ts';
import { aLease } from '../../support/a-lease.ts';
import { anExperiment, aRecord } from '../../support/builders.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { aProgress } from '../../support/trials.ts';

describe('finding slots', () => {
  const find = (slots: string[], objects: KubeObject[], experiment: Partial<Experiment> = {}) =>
    findSlots(
      // Nothing else of a checked experiment is looked at.
      [{ experiment: anExperiment(experiment) } as CheckedExperiment],
      { slots, namespace: undefined, everySlot: false },
      { cluster: fakeCluster([...slots.map(aNamespace), ...objects]), own: undefined, clock: manualClock() },
      AbortSignal.timeout(5_000),
    );

  it('tells those with something begun or owed from the others', async () => {
    const active = aLease({ slot: 'b', annotations: { [JOURNAL_ANNOTATION]: formatJournal({ active: aProgress(), owed: [] }) } });
    const owing = aLease({ slot: 'c', annotations: { [JOURNAL_ANNOTATION]: formatJournal({ owed: [aRecord()] }) } });

    const found = await find(['a', 'b', 'c'], [active, owing]);

    assert.deepEqual(found.candidates.get('sizing'), ['a', 'b', 'c']);
    assert.deepEqual(found.unfinished, ['b', 'c']);
  });

  it('finds what is unfinished also where no experiment wants a slot any more', async () => {
    const active = aLease({ slot: 'b', annotations: { [JOURNAL_ANNOTATION]: formatJournal({ active: aProgress(), owed: [] }) } });

    const found = await find(['a', 'b'], [active], { namespace: 'a' });

    assert.deepEqual([found.candidates.get('sizing'), found.unfinished], [['a'], ['b']]);
  });

  it('counts the silence of a holder from the answer, not from the question', async () => {
    const clock = manualClock();
    const slow = fakeCluster([aNamespace('a'), aLease({ slot: 'a' })]);
    const cluster = {
      ...slow,
      read: async (ref: Parameters<typeof slow.read>[0], signal: AbortSignal) => {
        if (ref.kind === 'Lease') await clock.advance(25_000);
        return slow.read(ref, signal);
      },
    };
    const begun = clock.now().getTime();

    const found = await findSlots(
      [{ experiment: anExperiment() } as CheckedExperiment],
      { slots: ['a'], namespace: undefined, everySlot: false },
      { cluster, own: undefined, clock },
      AbortSignal.timeout(5_000),
    );

    assert.equal(found.seen.get('a')!.seenAt - begun, 25_000);
  });

  it('leaves out one whose journal it cannot read, and says what to do', async () => {
    const found = await find(['a', 'b'], [aLease({ slot: 'b', annotations: { [JOURNAL_ANNOTATION]: 'gzip:???' } })]);

    assert.deepEqual([found.all, found.candidates.get('sizing'), found.unfinished], [['a'], ['a'], []]);
    assert.equal(found.left[0]?.reason, 'JournalUnreadable');
    assert.match(
      found.left[0].message,
      /; look at what runs in b, then remove the annotation fieldtrial\.dev\/journal of its Lease fieldtrial-slot$/,
    );
  });
});

describe('finding slots of several experiments', () => {
  it('has no complaint of a namespace that another one makes', async () => {
    const template = { namespaceTemplate: { prefix: 'x-', labels: {}, annotations: {} } };
    const experiments = [anExperiment({ name: 'plain' }), anExperiment({ name: 'making', ...template })];

    const found = await findSlots(
      experiments.map((experiment) => ({ experiment }) as CheckedExperiment),
      { slots: ['a'], namespace: undefined, everySlot: false },
      { cluster: fakeCluster([]), own: undefined, clock: manualClock() },
      AbortSignal.timeout(5_000),
    );

    assert.deepEqual([found.left, found.missing], [[], ['a']]);
    assert.deepEqual([found.candidates.get('plain'), found.candidates.get('making')], [[], ['a']]);
  });
});

describe('finding every slot of the list', () => {
  const find = (experiments: Partial<Experiment>[], everySlot: boolean) =>
    findSlots(
      experiments.map((each) => ({ experiment: anExperiment(each) }) as CheckedExperiment),
      { slots: ['a', 'gone', 'own'], namespace: undefined, everySlot },
      { cluster: fakeCluster([aNamespace('a'), aNamespace('own')]), own: 'own', clock: manualClock() },
      AbortSignal.timeout(5_000),
    );

  for (const [who, experiments] of [
    ['there is no experiment', []],
    ['no experiment wants some', [{ namespace: 'a' }]],
  ] as const) {
    it(`says which cannot be one where ${who}`, async () => {
      const found = await find([...experiments], true);

      assert.deepEqual(found.all, ['a', 'own']);
      assert.deepEqual(
        found.left.map(({ slot, reason }) => `${slot} ${reason}`),
        ['gone NamespaceMissing', 'own OwnNamespace'],
      );
    });
  }

  it('is for whoever asks: a run has nothing to say of slots that no experiment wants', async () => {
    assert.deepEqual((await find([{ namespace: 'a' }], false)).left, []);
  });
});

function aNamespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } };
}
