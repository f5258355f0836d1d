import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { checkDefinitions, type CheckedExperiment } from '../../runner/check-definitions.ts';
import { loadRepository } from '../../runner/definition/load-repository.ts';
import { followDefinitions, type DefinitionChanges } from '../../runner/follow-definitions.ts';
import { checkoutDefinitions, type Checkout } from '../../runner/ledger/checkout.ts';
import { PreflightFailed } from '../../runner/model/errors.ts';
import type { RunEvent } from '../../runner/progress/events.ts';
import { aRepository, experimentFile, experimentText } from '../support/definitions.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../support/git-repository.ts';
import { unlessAborted } from '../../runner/unless-aborted.ts';
import { manualClock, type ManualClock } from '../support/manual-clock.ts';

const NEVER = new AbortController().signal;

describe('following the definitions of a run', () => {
  let remote: Remote;
  let clock: ManualClock;
  let events: RunEvent[];
  let checkout: Checkout;
  let work: readonly CheckedExperiment[];
  let changes: DefinitionChanges;

  beforeEach(async () => {
    remote = await createRemote(aRepository());
    clock = manualClock();
    events = [];
    const git = { repository: remote.url, workdir: remote.scratch, environment: GIT_ENVIRONMENT };
    checkout = await checkoutDefinitions({ ...git, signal: NEVER });
    const { checked } = await checkDefinitions(await loadRepository(checkout.files), checkout.files, 'fieldtrial:test');
    work = checked;
    changes = follow(checkout);
  });

  afterEach(() => remote.cleanup());

  function follow(followed: Pick<Checkout, 'commit' | 'refresh'>): DefinitionChanges {
    return followDefinitions(work, { checkout: followed, image: 'fieldtrial:test', clock, emit: (event) => events.push(event) }, NEVER);
  }

  /** What is found after a commit that has edited the experiment. */
  async function afterEdit(edit: (text: string) => string): Promise<string[]> {
    const commit = await remote.commit({ [experimentFile('sizing')]: experimentText('sizing', edit) });
    await clock.advance(5_000);
    const found = await changes(NEVER);
    return [...found].map(([name, { reason, message }]) => `${name} ${reason}: ${message.replaceAll(commit.slice(0, 12), 'COMMIT')}`);
  }

  it('finds a new generation where the trials would be others', async () => {
    assert.deepEqual(await afterEdit((text) => text.replace('replicas: {{values.cpu}}', 'replicas: 3')), [
      'sizing DefinitionChanged: its definition is another since commit COMMIT; the next run begins a new generation',
    ]);
  });

  it('finds a change of ranges, budgets and timeouts, which is no new generation', async () => {
    assert.deepEqual(await afterEdit((text) => text.replace('budget: 5', 'budget: 9')), [
      'sizing DefinitionChanged: its definition is another since commit COMMIT; the next run goes on with it',
    ]);
  });

  it('finds a pause', async () => {
    assert.deepEqual(await afterEdit((text) => text.replace('spec:\n', 'spec:\n  replicas: 0\n')), [
      'sizing Paused: spec.replicas is 0 since commit COMMIT',
    ]);
  });

  it('finds that an experiment is gone', async () => {
    assert.deepEqual(await afterEdit((text) => text.replace('name: sizing', 'name: another')), [
      'sizing DefinitionRemoved: its definition is gone since commit COMMIT',
    ]);
  });

  it('finds that an experiment has become invalid, and says how', async () => {
    const [found] = await afterEdit((text) => text.replace('minimize', 'minimise'));

    assert.match(
      found ?? '',
      /^sizing DefinitionChanged: its definition is invalid since commit COMMIT: experiments\/sizing\/experiment\.yaml:\d+: .*"minimize"/,
    );
  });

  it('minds neither comments nor other files', async () => {
    await remote.commit({ 'README.md': 'Read me.' });

    assert.deepEqual(await afterEdit((text) => `# What do we pay for speed?\n${text}`), []);
  });

  it('keeps what it found when the definition is put back', async () => {
    await afterEdit((text) => text.replace('budget: 5', 'budget: 9'));

    const found = await afterEdit((text) => text);

    assert.equal(found.length, 1);
  });

  it('does not ask again within five seconds', async () => {
    await remote.commit({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('budget: 5', 'budget: 9')) });
    await clock.advance(4_999);

    const early = (await changes(NEVER)).size;
    await clock.advance(1);
    const late = (await changes(NEVER)).size;

    assert.deepEqual({ early, late }, { early: 0, late: 1 });
  });

  it('goes on when the repository cannot be asked, says so, and asks again after a minute', async () => {
    await rename(remote.path, `${remote.path}.away`);
    await clock.advance(5_000);
    const during = [...(await changes(NEVER)).keys()];
    await rename(`${remote.path}.away`, remote.path);
    await remote.commit({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('budget: 5', 'budget: 9')) });
    await clock.advance(60_000);
    const after = [...(await changes(NEVER)).keys()];

    assert.deepEqual({ during, after }, { during: [], after: ['sizing'] });
    assert.deepEqual(
      events.map(
        (event) => event.type === 'notice' && /^changes of the definitions cannot be seen, .* as of [0-9a-f]{12}: /.test(event.message),
      ),
      [true],
    );
  });

  it('goes on looking for the other slots when the one that began the look is given up', async () => {
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    changes = follow({
      commit: checkout.commit,
      async refresh(signal) {
        asked.resolve();
        await unlessAborted(gate.promise, signal);
        return checkout.refresh(signal);
      },
    });
    await remote.commit({ [experimentFile('sizing')]: experimentText('sizing', (text) => text.replace('budget: 5', 'budget: 9')) });
    await clock.advance(5_000);
    const lease = new AbortController();
    const lost = assert.rejects(changes(lease.signal), /lease lost/);
    const other = changes(NEVER);
    await asked.promise;

    lease.abort(new Error('lease lost'));
    await lost;
    gate.resolve();

    assert.deepEqual([...(await other).keys()], ['sizing']);
  });

  it('finds a pause at the next look when the new commit could be fetched, but not its files', async () => {
    let isAway = true;
    changes = follow({
      commit: checkout.commit,
      async refresh(signal) {
        const fresh = await checkout.refresh(signal);
        const list = () => Promise.reject(new PreflightFailed('the server is away'));
        return isAway ? { ...fresh, files: { ...fresh.files, list } } : fresh;
      },
    });

    const during = await afterEdit((text) => text.replace('spec:\n', 'spec:\n  replicas: 0\n'));
    isAway = false;
    await clock.advance(60_000);
    const after = [...(await changes(NEVER)).keys()];

    assert.deepEqual({ during, after }, { during: [], after: ['sizing'] });
  });
});
