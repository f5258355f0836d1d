import assert from 'node:assert/strict';
import type { DefinitionChanges } from '../../../runner/follow-definitions.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { Stop } from '../../../runner/plan/plan-next.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { dealTrials, type DealLimits, type DealtExperiment, type Dealer } from '../../../runner/slots/deal-trials.ts';
import type { TrialUnderWay } from '../../../runner/slots/trials-under-way.ts';
import type { DealtTrial } from '../../../runner/slots/work-slot.ts';
import { aCategory, anExperiment, aRecord } from '../../support/builders.ts';
import { everythingWaits, manualClock } from '../../support/manual-clock.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const NEVER = new AbortController().signal;

type Table = {
  underWay?: TrialUnderWay[];
  slots?: string[];
  limits?: Partial<DealLimits>;
  records?: TrialRecord[];
  changes?: DefinitionChanges;
};

describe('dealing trials', () => {
  let events: RunEvent[];
  let records: TrialRecord[];

  beforeEach(() => {
    events = [];
  });

  const dealerOf = (
    experiments: DealtExperiment[],
    { underWay = [], slots = ['a', 'b'], limits = {}, records: given = [], changes = async () => new Map() }: Table = {},
  ): Dealer => {
    records = [...given];
    return dealTrials(
      experiments,
      { underWay, slots },
      { maxTrials: undefined, endBefore: undefined, run: 'run-1', ...limits },
      {
        records: (name) => records.filter(({ spec }) => spec.experiment === name),
        changes,
        clock: manualClock(),
        emit: (event) => events.push(event),
      },
    );
  };
  const end = (dealer: Dealer, dealt: { trial: TrialUnderWay } | undefined) => {
    const record = aRecordOf(dealt!.trial);
    records.push(record);
    dealer.ended(record);
  };
  const names = (dealt: readonly (DealtTrial | undefined)[]) => dealt.map((each) => each?.trial.name);

  it('numbers trials and gives each its own assignments', async () => {
    const dealer = dealerOf([anExperimentOf('sizing', { replicas: 2 })]);

    const both = [await dealer.deal('a', NEVER), await dealer.deal('b', NEVER)];

    assert.deepEqual(names(both), ['sizing-001', 'sizing-002']);
    assert.notDeepEqual(both[0]?.trial.assignments, both[1]?.trial.assignments);
    assert.deepEqual(
      both.map((dealt) => dealt?.trial.slot),
      ['a', 'b'],
    );
  });

  it('has experiments that share slots take turns', async () => {
    const dealer = dealerOf([anExperimentOf('one'), anExperimentOf('other')]);

    const first = await dealer.deal('a', NEVER);
    const second = await dealer.deal('b', NEVER);
    end(dealer, first);
    end(dealer, second);
    const third = await dealer.deal('a', NEVER);

    assert.deepEqual(names([first, second, third]), ['one-001', 'other-001', 'one-002']);
  });

  it('lets a slot wait while an experiment runs in as many as it may', async () => {
    const dealer = dealerOf([anExperimentOf('sizing', { replicas: 1 })]);
    const first = await dealer.deal('a', NEVER);
    const waiting = soon(dealer.deal('b', NEVER));

    await everythingWaits();
    const before = waiting.value;
    end(dealer, first);
    await everythingWaits();

    assert.equal(before, 'nothing yet');
    assert.deepEqual(names([waiting.value as DealtTrial]), ['sizing-002']);
  });

  it('says once what a free slot waits for', async () => {
    const parameters = [aCategory('gc', ['g1', 'zgc', 'serial'], 'g1')];
    const dealer = dealerOf([anExperimentOf('sizing', { replicas: 2, parameters, suggest: { source: 'grid' } })]);
    await dealer.deal('a', NEVER);
    void dealer.deal('b', NEVER).catch(() => undefined);

    await everythingWaits();
    dealer.left('c');
    await everythingWaits();

    assert.deepEqual(
      events.filter(({ type }) => type === 'slot-waiting'),
      [{ type: 'slot-waiting', slot: 'b', message: 'the baseline of sizing is under way' }],
    );
  });

  it('gives a slot only what its experiments want there', async () => {
    const dealer = dealerOf([anExperimentOf('sizing', {}, { slots: ['b'] })]);

    assert.equal(await dealer.deal('a', NEVER), undefined);
    assert.deepEqual(names([await dealer.deal('b', NEVER)]), ['sizing-001']);
  });

  it('begins no more trials than the run may', async () => {
    const dealer = dealerOf([anExperimentOf('sizing', { replicas: 2 })], { limits: { maxTrials: 1 } });

    const first = await dealer.deal('a', NEVER);
    end(dealer, first);

    assert.equal(await dealer.deal('a', NEVER), undefined);
    assert.deepEqual([...dealer.stopped()], []);
  });

  it('begins none that is not expected to end in time', async () => {
    const dealer = dealerOf([anExperimentOf('sizing')], { limits: { endBefore: new Date('2026-01-01T00:30:00Z') } });

    assert.equal(await dealer.deal('a', NEVER), undefined);
  });

  it('says once why an experiment stopped', async () => {
    const dealer = dealerOf([anExperimentOf('sizing', { suggest: { source: 'grid', budget: 1 } as Experiment['suggest'] })]);
    end(dealer, await dealer.deal('a', NEVER));

    await dealer.deal('a', NEVER);
    await dealer.deal('b', NEVER);

    assert.equal(dealer.stopped().get('sizing')?.reason, 'BudgetSpent');
    assert.equal(events.filter(({ type }) => type === 'experiment-finished').length, 1);
  });

  it('begins nothing of an experiment whose Lease is lost', async () => {
    const lost = new AbortController();
    const dealer = dealerOf([anExperimentOf('sizing', {}, { lost: lost.signal })]);
    end(dealer, await dealer.deal('a', NEVER));

    lost.abort(new Error('taken over'));

    assert.equal(await dealer.deal('a', NEVER), undefined);
  });

  it('stops waiting when the run ends', async () => {
    const ending = new AbortController();
    const dealer = dealerOf([anExperimentOf('sizing')]);
    await dealer.deal('a', NEVER);
    const waiting = dealer.deal('b', ending.signal);

    ending.abort(new Error('ended'));

    await assert.rejects(waiting, /^Error: ended$/);
  });

  describe('with trials under way from before', () => {
    it('takes neither their numbers nor their assignments again', async () => {
      const dealer = dealerOf([anExperimentOf('sizing', { replicas: 3 })], {
        underWay: [aTrialUnderWay({ number: 4, slot: 'elsewhere' })],
      });

      const { trial } = (await dealer.deal('a', NEVER))!;

      assert.equal(trial.number, 5);
      assert.notDeepEqual(trial.assignments, aTrialUnderWay().assignments);
    });

    it('waits for one in a slot of this run', async () => {
      const underWay = aTrialUnderWay({ slot: 'a' });
      const dealer = dealerOf([anExperimentOf('sizing')], { underWay: [underWay] });
      const waiting = soon(dealer.deal('b', NEVER));
      await everythingWaits();
      const before = waiting.value;

      end(dealer, { trial: underWay });
      await everythingWaits();

      assert.equal(before, 'nothing yet');
      assert.deepEqual(names([waiting.value as DealtTrial]), ['sizing-002']);
    });

    it('does not wait for one that another run works on', async () => {
      const dealer = dealerOf([anExperimentOf('sizing')], { underWay: [aTrialUnderWay({ slot: 'elsewhere' })] });

      assert.equal(await dealer.deal('a', NEVER), undefined);
    });

    it('does not wait for a baseline that another run works on', async () => {
      const underWay = aTrialUnderWay({ slot: 'elsewhere', source: { type: 'baseline' } });
      const parameters = [aCategory('color', ['red', 'green', 'blue'], 'red')];
      const dealer = dealerOf([anExperimentOf('sizing', { replicas: 2, parameters })], { underWay: [underWay] });

      assert.equal(await dealer.deal('a', NEVER), undefined);
    });

    it('goes on when the branch has the record of one that another run worked on', async () => {
      const underWay = aTrialUnderWay({ slot: 'elsewhere' });
      const dealer = dealerOf([anExperimentOf('sizing')], { underWay: [underWay], records: [aRecordOf(underWay)] });

      assert.deepEqual(names([await dealer.deal('a', NEVER)]), ['sizing-002']);
    });

    it('does not wait for one whose slot was given up', async () => {
      const dealer = dealerOf([anExperimentOf('sizing')]);
      await dealer.deal('a', NEVER);
      const waiting = soon(dealer.deal('b', NEVER));

      dealer.left('a');
      await everythingWaits();

      assert.equal(waiting.value, undefined);
    });
  });

  it('deals no more of an experiment whose definition has changed, and says so once', async () => {
    const changes = new Map<string, Stop>();
    const dealer = dealerOf([anExperimentOf('one'), anExperimentOf('other')], { changes: async () => changes });
    const first = await dealer.deal('a', NEVER);

    changes.set('one', { reason: 'DefinitionChanged', message: 'its definition is another' });
    end(dealer, first);
    const second = await dealer.deal('a', NEVER);
    end(dealer, second);
    const third = await dealer.deal('a', NEVER);

    assert.deepEqual(names([first, second, third]), ['one-001', 'other-001', 'other-002']);
    assert.deepEqual(dealer.stopped().get('one'), changes.get('one'));
    assert.deepEqual(
      events.filter(({ type }) => type === 'experiment-finished'),
      [{ type: 'experiment-finished', experiment: 'one', ...changes.get('one') }],
    );
  });
});

function anExperimentOf(name: string, fields: Partial<Experiment> = {}, dealt: Partial<DealtExperiment> = {}): DealtExperiment {
  const experiment = anExperiment({
    name,
    suggest: { source: 'grid' } as Experiment['suggest'],
    parameters: [aCategory('color', ['red', 'green', 'blue'])],
    ...fields,
  });
  return {
    source: { experiment, locate: () => ({ file: experiment.file }), files: repositoryOf({}), image: 'fieldtrial:test', timeouts: {} },
    queue: [],
    digest: 'digest',
    commit: '0123456789abcdef0123456789abcdef01234567',
    slots: ['a', 'b'],
    timeouts: { setup: 300_000, setupDelete: 300_000, stabilize: 600_000, run: 3_600_000, collect: 300_000 },
    lost: NEVER,
    ...dealt,
  };
}

function aTrialUnderWay(fields: Partial<TrialUnderWay> = {}): TrialUnderWay {
  return {
    experiment: 'sizing',
    number: 1,
    uid: 'under-way',
    slot: 'a',
    assignments: [{ name: 'color', value: 'red' }],
    source: { type: 'grid', index: 0 },
    ...fields,
  };
}

function aRecordOf({ experiment, number, uid, assignments, source, slot }: TrialUnderWay): TrialRecord {
  const record = aRecord({ experiment, number, source, slot });
  return { ...record, spec: { ...record.spec, uid, assignments } };
}

/** What a promise has come to by now. */
function soon<Value>(promise: Promise<Value>): { value: Value | 'nothing yet' } {
  const result: { value: Value | 'nothing yet' } = { value: 'nothing yet' };
  void promise.then((value) => (result.value = value));
  return result;
}
