import assert from 'node:assert/strict';
import type { DefinitionChanges } from '../../../runner/follow-definitions.ts';
import type { Experiment } from '../../../runner/model/experiment.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { Stop } from '../../../runner/plan/plan-next.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { dealTrials, type DealLimits, type DealtExperiment, type Dealer } from '../../../runner/slots/deal-trials.ts';
import type { RemoteAnswer, RemoteSource } from '../../../runner/remote/remote-source.ts';
import type { TrialUnderWay } from '../../../runner/slots/trials-under-way.ts';
import type { DealtTrial } from '../../../runner/slots/work-slot.ts';
import { aCategory, anExperiment, aRecord } from '../../support/builders.ts';
import { everythingWaits, manualClock, type ManualClock } from '../../support/manual-clock.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const NEVER = new AbortController().signal;

type Table = {
  underWay?: TrialUnderWay[];
  clock?: ManualClock;
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
    {
      underWay = [],
      slots = ['a', 'b'],
      limits = {},
      records: given = [],
      changes = async () => new Map(),
      clock = manualClock(),
    }: Table = {},
  ): Dealer => {
    records = [...given];
    return dealTrials(
      experiments,
      { underWay, slots },
      { maxTrials: undefined, endBefore: undefined, run: 'run-1', ...limits },
      {
        records: (name) => records.filter(({ spec }) => spec.experiment === name),
        changes,
        clock,
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

  describe('with a remote API', () => {
    const HANDED = (cpu: string): RemoteAnswer => ({
      status: 'Trial',
      url: `https://api.test/${cpu}`,
      assignments: [{ name: 'color', value: cpu }],
    });

    /** Answers one question after the other; further ones wait for the test. */
    function scripted(...answers: RemoteAnswer[]) {
      const waiting: ((answer: RemoteAnswer) => void)[] = [];
      let finished: string | undefined;
      const source: RemoteSource = {
        next: () => {
          const answer = answers.shift();
          if (answer?.status === 'Finished') finished = 'budget is exhausted';
          return answer === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(answer);
        },
        finished: () => finished,
      };
      return { source, waiting };
    }
    const remotely = (name: string, remote: RemoteSource, fields: Partial<Experiment> = {}) =>
      anExperimentOf(name, { suggest: { source: 'remote' }, ...fields }, { remote });

    it('deals what it hands out, under the next number', async () => {
      const { source } = scripted(HANDED('red'));
      const dealer = dealerOf([remotely('sizing', source)], { underWay: [aTrialUnderWay({ number: 4, slot: 'elsewhere' })] });
      const other = dealerOf([remotely('sizing', source, { replicas: 2 })], {
        underWay: [aTrialUnderWay({ number: 4, slot: 'elsewhere' })],
      });

      const none = await dealer.deal('a', NEVER);
      const dealt = await other.deal('a', NEVER);

      assert.equal(none, undefined);
      assert.deepEqual(dealt?.trial.source, { type: 'remote', url: 'https://api.test/red' });
      assert.equal(dealt?.trial.name, 'sizing-005');
    });

    it('asks it one question at a time, and has the other slots wait for the answer', async () => {
      const { source, waiting } = scripted();
      const dealer = dealerOf([remotely('sizing', source, { replicas: 2 })]);

      const both = [soon(dealer.deal('a', NEVER)), soon(dealer.deal('b', NEVER))];
      await everythingWaits();
      const asked = waiting.length;
      waiting.shift()!(HANDED('red'));
      await everythingWaits();
      waiting.shift()!(HANDED('green'));
      await everythingWaits();

      assert.equal(asked, 1);
      assert.deepEqual(names(both.map(({ value }) => value as DealtTrial)), ['sizing-001', 'sizing-002']);
    });

    it('serves the other experiments while it has nothing, and asks again when it said', async () => {
      const { source, waiting } = scripted({ status: 'Later', wait: 5_000 });
      const clock = manualClock();
      const dealer = dealerOf([remotely('one', source), anExperimentOf('other')], { clock });

      const first = await dealer.deal('a', NEVER);
      const second = soon(dealer.deal('b', NEVER));
      await clock.advance(4_999);
      const early = waiting.length;
      await clock.advance(1);
      waiting.shift()!(HANDED('red'));
      await everythingWaits();

      assert.equal(early, 0);
      assert.deepEqual(names([first, second.value as DealtTrial]), ['other-001', 'one-001']);
    });

    it('asks it again at once when one of its trials has ended', async () => {
      const { source } = scripted(HANDED('red'), { status: 'Later', wait: 60_000 }, HANDED('green'));
      const dealer = dealerOf([remotely('sizing', source, { replicas: 2 })]);
      const first = await dealer.deal('a', NEVER);
      const second = soon(dealer.deal('b', NEVER));
      await everythingWaits();

      end(dealer, first);
      await everythingWaits();

      assert.deepEqual(names([second.value as DealtTrial]), ['sizing-002']);
    });

    it('counts a question as a trial of the run', async () => {
      const { source, waiting } = scripted();
      const dealer = dealerOf([remotely('one', source), anExperimentOf('other')], { limits: { maxTrials: 1 } });
      const first = soon(dealer.deal('a', NEVER));
      await everythingWaits();
      const second = soon(dealer.deal('b', NEVER));
      await everythingWaits();

      waiting.shift()!(HANDED('red'));
      await everythingWaits();
      end(dealer, first.value as DealtTrial);
      await everythingWaits();

      assert.deepEqual(names([first.value as DealtTrial]), ['one-001']);
      assert.equal(second.value, undefined);
    });

    const ends: [RemoteAnswer, string][] = [
      [{ status: 'Finished' }, 'RemoteFinished: the remote API hands out no more trials: budget is exhausted'],
      [{ status: 'Unavailable', message: 'it is away' }, 'RemoteUnavailable: it is away'],
      [{ status: 'Refused', message: 'the name is taken' }, 'RemoteRefused: the name is taken'],
    ];
    for (const [answer, expected] of ends) {
      it(`ends the experiment's part of the run, and no other's, when it answers ${answer.status}`, async () => {
        const dealer = dealerOf([remotely('one', scripted(answer).source), anExperimentOf('other')]);

        const dealt = await dealer.deal('a', NEVER);

        const { reason, message } = dealer.stopped().get('one')!;
        assert.equal(`${reason}: ${message}`, expected);
        assert.deepEqual(names([dealt]), ['other-001']);
      });
    }

    it('is not waited for when the run ends', async () => {
      const ending = new AbortController();
      const { source } = scripted({ status: 'Later', wait: 60_000 });
      const dealing = dealerOf([remotely('sizing', source)]).deal('a', ending.signal);
      await everythingWaits();

      ending.abort(new Error('ended'));

      await assert.rejects(dealing, /^Error: ended$/);
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
