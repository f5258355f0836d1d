import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerOptions } from '../../../runner/ledger/open-ledger.ts';
import { formatRecord, parseRecord } from '../../../runner/ledger/record-text.ts';
import { PreflightFailed, RecordFailed } from '../../../runner/model/errors.ts';
import type { TrialRecord } from '../../../runner/model/record.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { aRecord } from '../../support/builders.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';
import { openTestLedger } from '../../support/open-test-ledger.ts';

const BRANCH = 'fieldtrial/results';

describe('openLedger', () => {
  const { signal } = new AbortController();
  let remote: Remote;
  let events: RunEvent[];

  beforeEach(async () => {
    remote = await createRemote({ 'experiments/sizing/experiment.yaml': 'kind: Experiment\n' });
    events = [];
  });
  afterEach(() => remote.cleanup());

  const open = (options: Partial<LedgerOptions> = {}) => openTestLedger(remote, { emit: (event) => events.push(event), ...options });

  function read(number: number, branch = BRANCH): Promise<TrialRecord> {
    const path = `experiments/sizing/trials/${String(number).padStart(3, '0')}.yaml`;
    return remote.read(branch, path).then((text) => parseRecord(text, path));
  }

  describe('begin', () => {
    it('creates the branch, with a history of its own, and pushes the start commit', async () => {
      const ledger = await open();

      await ledger.begin(['sizing'], signal);

      assert.deepEqual(await remote.log(BRANCH), ['Begin run r1', `Create ${BRANCH}`]);
      assert.deepEqual(await remote.list(BRANCH), ['README.md']);
      assert.equal(await remote.git('log', '-1', '--format=%(trailers:key=Fieldtrial-Experiment,valueonly)', BRANCH), 'sizing');
    });

    it('pushes a start commit that changes no file onto a branch that is there', async () => {
      await (await open()).begin(['sizing'], signal);
      const ledger = await open({ run: 'r2' });

      await ledger.begin(['sizing'], signal);

      assert.deepEqual(await remote.log(BRANCH), ['Begin run r2', 'Begin run r1', `Create ${BRANCH}`]);
      assert.equal(await remote.git('diff', '--name-only', `${BRANCH}~1`, BRANCH), '');
    });

    it('fails the preflight when the server refuses the push', async () => {
      await remote.hook('pre-receive', 'echo "results are not welcome here"; exit 1');
      const ledger = await open();

      await assert.rejects(ledger.begin(['sizing'], signal), (error: Error) => {
        assert.ok(error instanceof PreflightFailed);
        assert.match(error.message, /refused the push to fieldtrial\/results \(pre-receive hook declined; results are not welcome here\)/);
        return true;
      });
    });
  });

  describe('submit', () => {
    it('resolves once the record is on the remote, in a commit of its own', async () => {
      const ledger = await open();
      const record = aRecord({ number: 7, values: { p95: 0.231, cost: 41.2 } });

      const pushed = await ledger.submit(record);

      assert.deepEqual(pushed, record);
      assert.deepEqual(await read(7), record);
      assert.deepEqual(await remote.log(BRANCH), ['sizing-007: p95 0.231, cost 41.2', `Create ${BRANCH}`]);
    });

    it('compares with the baseline that the branch holds', async () => {
      await (await open()).submit(aRecord({ number: 1, source: { type: 'baseline' }, values: { p95: 0.25 } }));
      const ledger = await open();

      await ledger.submit(aRecord({ number: 2, values: { p95: 0.22 } }));

      assert.deepEqual((await remote.log(BRANCH)).slice(0, 2), [
        'sizing-002: p95 0.22 (-12% vs baseline)',
        'sizing-001: baseline, p95 0.25',
      ]);
    });

    it('commits and names the author that it was given', async () => {
      await (await open({ author: { name: 'Trial <Bot>', email: 'bot@example.com' } })).submit(aRecord());

      assert.equal(
        await remote.git('log', '-1', '--format=%an <%ae>, %cn <%ce>', BRANCH),
        'Trial Bot <bot@example.com>, Trial Bot <bot@example.com>',
      );
    });

    it('pushes records that were submitted together in one push, in their order', async () => {
      const ledger = await open();

      await Promise.all([1, 2, 3].map((number) => ledger.submit(aRecord({ number }))));

      assert.deepEqual(
        (await remote.log(BRANCH)).slice(0, 3).map((subject) => subject.slice(0, 10)),
        ['sizing-003', 'sizing-002', 'sizing-001'],
      );
      const commit = await remote.git('rev-parse', BRANCH);
      assert.deepEqual(events, [{ type: 'records-pushed', trials: ['sizing-001', 'sizing-002', 'sizing-003'], commit, branch: BRANCH }]);
    });

    it('commits nothing for a record that is there already', async () => {
      await (await open()).submit(aRecord());
      const before = await remote.git('rev-parse', BRANCH);
      const ledger = await open();

      assert.deepEqual(await ledger.submit(aRecord()), aRecord());

      assert.equal(await remote.git('rev-parse', BRANCH), before);
    });

    it('adds the end of the teardown in a second commit', async () => {
      const ledger = await open();
      await ledger.submit(aRecord());
      const setupDeletion = { status: 'Failed' as const, reason: 'SetupJobFailed', message: 'task db: exit code 1' };
      const record = { ...aRecord(), status: { ...aRecord().status, setupDeletion } };

      await ledger.submit(record);

      assert.deepEqual(await read(1), record);
      assert.equal((await remote.log(BRANCH))[0], 'sizing-001: setup deletion failed: SetupJobFailed, task db: exit code 1');
    });

    it('gives a record the next free number when another trial has its own', async () => {
      await (await open()).submit(aRecord({ number: 3 }));
      const ours = { ...aRecord({ number: 3 }), spec: { ...aRecord({ number: 3 }).spec, uid: 'other' } };

      const pushed = await (await open()).submit(ours);

      assert.deepEqual([pushed.metadata.name, pushed.spec.number, pushed.spec.uid], ['sizing-004', 4, 'other']);
      assert.deepEqual(await read(4), pushed);
      assert.equal((await read(3)).spec.uid, 'uid-3');
    });

    it('cuts evidence that would make a record too long', async () => {
      const log = 'a line of a long log\n'.repeat(10_000);
      const ledger = await open();

      await ledger.submit(aRecord({ failure: { evidence: { containers: [{ pod: 'p', container: 'c', log }] } } }));

      const recorded = await read(1);
      assert.ok(Buffer.byteLength(formatRecord(recorded)) <= 65_536);
      assert.match(recorded.status.failure?.evidence?.containers?.[0]?.log ?? '', /^… \(cut, \d+ bytes\)\n/);
    });
  });

  describe('records', () => {
    it('are those of the branch, by number', async () => {
      await (await open()).submit(aRecord({ number: 10 }));
      await (await open()).submit(aRecord({ number: 9 }));
      await (await open()).submit(aRecord({ experiment: 'other' }));

      const ledger = await open();

      assert.deepEqual(ledger.records('sizing'), [aRecord({ number: 9 }), aRecord({ number: 10 })]);
      assert.deepEqual(ledger.records('other'), [aRecord({ experiment: 'other' })]);
      assert.deepEqual(ledger.records('unknown'), []);
    });

    it('hold what was submitted and is not pushed yet', async () => {
      await (await open()).submit(aRecord({ number: 2 }));
      const ledger = await open();

      const pushing = ledger.submit(aRecord({ number: 1 }));

      assert.deepEqual(ledger.records('sizing'), [aRecord({ number: 1 }), aRecord({ number: 2 })]);
      await pushing;
      assert.deepEqual(ledger.records('sizing'), [aRecord({ number: 1 }), aRecord({ number: 2 })]);
    });

    it('leave out a file that is no record, say so once, and keep its number', async () => {
      await remote.commit({ 'experiments/sizing/trials/001.yaml': 'kind: [Trial\n' }, 'Edit by hand', BRANCH);
      const ledger = await open();

      const records = [ledger.records('sizing'), ledger.records('sizing')];
      const pushed = await ledger.submit(aRecord({ number: 1 }));

      assert.deepEqual(records, [[], []]);
      assert.equal(pushed.spec.number, 2);
      const notices = events.filter(({ type }) => type === 'notice');
      assert.equal(notices.length, 1);
      assert.match(JSON.stringify(notices), /experiments\/sizing\/trials\/001\.yaml:2: not YAML/);
    });
  });

  describe('beside another writer', () => {
    it('loses no commit and gives a number that was taken meanwhile anew', async () => {
      const [first, second] = [await open({ run: 'r1' }), await open({ run: 'r2' })];
      const numbers = [1, 2, 3, 4];
      const records = (run: string) =>
        numbers.map((number) => {
          const record = aRecord({ number, run });
          return { ...record, spec: { ...record.spec, uid: `${run}-${number}` } };
        });

      const pushed = await Promise.all([
        ...records('r1').map((record) => first.submit(record)),
        ...records('r2').map((record) => second.submit(record)),
      ]);

      assert.deepEqual(pushed.map(({ spec }) => spec.number).sort(), [1, 2, 3, 4, 5, 6, 7, 8]);
      const reader = await open();
      assert.deepEqual(
        new Set(reader.records('sizing').map(({ metadata, spec }) => `${metadata.name} ${spec.uid}`)),
        new Set(pushed.map(({ metadata, spec }) => `${metadata.name} ${spec.uid}`)),
      );
      assert.equal((await remote.log(BRANCH)).filter((subject) => subject.startsWith('sizing-')).length, 8);
      assert.ok(events.some((event) => event.type === 'push-retried' && event.reason === 'NonFastForward'));
    });

    it('keeps what people committed meanwhile', async () => {
      const ledger = await open();
      await ledger.submit(aRecord({ number: 1 }));
      await remote.commit({ 'notes.md': 'looks good\n' }, 'Take notes', BRANCH);

      await ledger.submit(aRecord({ number: 2 }));

      assert.deepEqual((await remote.log(BRANCH)).slice(0, 2), ['sizing-002: completed without metrics', 'Take notes']);
      assert.equal(await remote.read(BRANCH, 'notes.md'), 'looks good');
    });

    it('keeps the edit of a record that is not being written', async () => {
      const ledger = await open();
      await ledger.submit(aRecord({ number: 1 }));
      const edited = formatRecord(aRecord({ number: 1, values: { p95: 1 } }));
      await remote.commit({ 'experiments/sizing/trials/001.yaml': edited }, 'Correct a value', BRANCH);

      await ledger.submit(aRecord({ number: 2 }));

      assert.deepEqual(await read(1), aRecord({ number: 1, values: { p95: 1 } }));
    });

    it("puts this run's records back when the branch was replaced", async () => {
      const ledger = await open();
      await ledger.submit(aRecord({ number: 1 }));
      await remote.git('update-ref', `refs/heads/${BRANCH}`, 'main');

      await ledger.submit(aRecord({ number: 2 }));

      assert.deepEqual([await read(1), await read(2)], [aRecord({ number: 1 }), aRecord({ number: 2 })]);
      assert.match(JSON.stringify(events), /no longer on fieldtrial\/results and are pushed again: sizing-001/);
    });

    it('has every record of the run on the branch again after it was deleted', async () => {
      const ledger = await open();
      await ledger.submit(aRecord({ number: 1 }));
      await remote.git('update-ref', '-d', `refs/heads/${BRANCH}`);

      await ledger.submit(aRecord({ number: 2 }));

      assert.deepEqual([await read(1), await read(2)], [aRecord({ number: 1 }), aRecord({ number: 2 })]);
    });
  });

  describe('refused by the server', () => {
    beforeEach(() => remote.hook('pre-receive', 'echo "GH006: Protected branch update failed"; exit 1'));

    it("rejects with the server's own words, at once", async () => {
      const ledger = await open();

      await assert.rejects(ledger.submit(aRecord()), (error: Error) => {
        assert.ok(error instanceof RecordFailed);
        assert.match(
          error.message,
          /refused the push to fieldtrial\/results \(pre-receive hook declined; GH006: Protected branch update failed\)/,
        );
        assert.match(error.message, /allow the runner's login to push there, or name another results branch/);
        return true;
      });
      assert.deepEqual(events, []);
    });

    it('rejects later records without asking again', async () => {
      const log = join(remote.scratch, 'asked');
      await remote.hook('pre-receive', `echo once >> ${log}; exit 1`);
      const ledger = await open();
      await assert.rejects(ledger.submit(aRecord({ number: 1 })));

      await assert.rejects(ledger.submit(aRecord({ number: 2 })), RecordFailed);

      assert.equal(await readFile(log, 'utf8'), 'once\n');
      assert.deepEqual(
        ledger.records('sizing').map(({ spec }) => spec.number),
        [1, 2],
      );
    });

    it('keeps everything pending, and pushes it by a flush once it is allowed', async () => {
      const ledger = await open();
      await assert.rejects(ledger.submit(aRecord({ number: 1 })), RecordFailed);
      await assert.rejects(ledger.submit(aRecord({ number: 2 })), RecordFailed);
      await assert.rejects(ledger.flush(signal), RecordFailed);
      await remote.hook('pre-receive', 'exit 0');

      await ledger.flush(signal);

      assert.deepEqual([await read(1), await read(2)], [aRecord({ number: 1 }), aRecord({ number: 2 })]);
    });

    it('does not lose the records when the branch cannot be written by a checked-out repository', async () => {
      const work = await remote.clone();
      const ledger = await open({ repository: work, branch: 'same' });

      await assert.rejects(ledger.submit(aRecord()), { name: 'RecordFailed', message: /branch is currently checked out/ });
    });
  });

  describe('flush', () => {
    it('pushes without waiting for the interval', async () => {
      const ledger = await open({ pushInterval: 3_600_000 });
      await ledger.submit(aRecord({ number: 1 }));
      const pushing = ledger.submit(aRecord({ number: 2 }));

      await ledger.flush(signal);

      assert.deepEqual(await pushing, aRecord({ number: 2 }));
      await ledger.close();
    });

    it('throws RecordFailed when its time is over', async () => {
      const ledger = await open({ pushInterval: 3_600_000 });
      await ledger.submit(aRecord({ number: 1 }));
      const pushing = ledger.submit(aRecord({ number: 2 }));

      await assert.rejects(ledger.flush(AbortSignal.abort(new Error('too late'))), {
        name: 'RecordFailed',
        message: `1 records could not be pushed to ${BRANCH} of ${remote.path} in time`,
      });
      await assert.rejects(pushing, RecordFailed);
      await ledger.close();
    });

    it('does nothing when nothing is pending', async () => {
      const ledger = await open();

      await ledger.flush(signal);

      await assert.rejects(remote.log(BRANCH));
    });
  });

  it('waits for the interval between two pushes', async () => {
    let time = 0;
    const sleeps: number[] = [];
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>();
    const clock = {
      now: () => new Date(time),
      sleep: async (milliseconds: number) => {
        sleeps.push(milliseconds);
        if (milliseconds > 0) await woken;
      },
    };
    const ledger = await open({ pushInterval: 5_000, clock });
    await ledger.submit(aRecord({ number: 1 }));
    time += 2_000;

    const pushing = [2, 3].map((number) => ledger.submit(aRecord({ number })));
    wake();
    await Promise.all(pushing);

    assert.deepEqual(sleeps, [0, 3_000]);
    const batches = events.flatMap((event) => (event.type === 'records-pushed' ? [event.trials] : []));
    assert.deepEqual(batches, [['sizing-001'], ['sizing-002', 'sizing-003']]);
  });

  it('pushes what is pending when it is closed', async () => {
    const ledger = await open({ pushInterval: 3_600_000 });
    await ledger.submit(aRecord({ number: 1 }));
    const pushing = ledger.submit(aRecord({ number: 2 }));

    await ledger.close();

    assert.deepEqual(await pushing, aRecord({ number: 2 }));
  });

  describe('on the branch of the definitions', () => {
    it('puts records beside the definitions, on top of their history', async () => {
      const ledger = await open({ branch: 'same' });

      await ledger.begin(['sizing'], signal);
      await ledger.submit(aRecord());

      assert.equal(ledger.branch, 'main');
      assert.deepEqual(await remote.log('main'), ['sizing-001: completed without metrics', 'Begin run r1', 'Begin']);
      assert.deepEqual(await remote.list('main'), ['experiments/sizing/experiment.yaml', 'experiments/sizing/trials/001.yaml']);
    });

    it('never creates it', async () => {
      const ledger = await open({ branch: 'same', definitionsBranch: 'gone' });

      await assert.rejects(ledger.begin([], signal), {
        name: 'PreflightFailed',
        message: /has no such branch \(there is no branch gone\)/,
      });
    });
  });

  it("is independent of the user's git settings", async () => {
    const home = join(remote.scratch, 'home');
    const hooks = join(home, 'hooks');
    await mkdir(hooks, { recursive: true });
    await writeFile(join(hooks, 'pre-push'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await writeFile(
      join(home, '.gitconfig'),
      `[core]\n\thooksPath = ${hooks}\n\tautocrlf = true\n[commit]\n\tgpgSign = true\n[push]\n\tgpgSign = true\n`,
    );
    const environment = { ...GIT_ENVIRONMENT, HOME: home, GIT_DIR: '/nowhere', GIT_AUTHOR_NAME: 'Somebody', LANG: 'de_DE.UTF-8' };
    const ledger = await open({ environment });

    await ledger.submit(aRecord());

    assert.deepEqual(await read(1), aRecord());
    assert.equal(await remote.git('log', '-1', '--format=%an', BRANCH), 'Fieldtrial');
  });
});
