import assert from 'node:assert/strict';
import { join } from 'node:path';
import { connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import { openLedger } from '../../../runner/ledger/open-ledger.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import { run, type RunEnd } from '../../../runner/run.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { turnedClock } from '../../../sandbox/turned-clock.ts';
import { describeFailures, openFailingWorld, placedExperiments, RESULTS, type FailingWorld } from '../../cluster/run/describe-failures.ts';
import { GIT_ENVIRONMENT } from '../../support/git-repository.ts';
import { clockOf, countCalls, whileItTurns, type CountedCluster } from '../../support/while-it-turns.ts';
import { annotate, NOT_SHOWN, SCRIPTS } from './sandbox-scripts.ts';

const IMAGE = 'local/fieldtrial:test';
const RUN = { version: '0.1.0', run: 'run-1' };
const NEVER = new AbortController().signal;

describe('failures on the sandbox, while its clock is turned', function () {
  this.timeout('2m');

  const table = placedExperiments(IMAGE, 12);
  const cases = table.filter(({ name }) => !(name in NOT_SHOWN));
  const time = turnedClock();
  const clock = clockOf(time);
  let sandbox: Sandbox;
  let connection: Connection;
  let counted: CountedCluster;
  let world: FailingWorld;
  let end: RunEnd;

  before(async () => {
    sandbox = await startCluster({ clock: time, kubelet: { annotate: annotate(cases) } });
    connection = connectServer(sandbox.url);
    counted = countCalls(connection.cluster);
    world = await whileItTurns(() => openFailingWorld(cases, counted.cluster), time, counted);
    end = await whileItTurns(runThem, time, counted);
  });

  after(async () => {
    if (world) await whileItTurns(world.close, time, counted);
    await connection?.close();
    await sandbox?.close();
  });

  async function runThem(): Promise<RunEnd> {
    const { remote, slots } = world;
    const git = { repository: remote.path, environment: GIT_ENVIRONMENT, workdir: join(remote.scratch, 'run') };
    let close = async () => {};
    const ended = await run(
      {
        repository: remote.path,
        experiments: [],
        slots,
        namespace: 'default',
        inCluster: false,
        maxTrials: undefined,
        maxDuration: undefined,
        dryRun: false,
        image: IMAGE,
        timing: { duration: 60_000, renewal: 10_000 },
        unschedulableGrace: 3_000,
        metricAccess: OPEN_ACCESS,
        namespaces: { labels: {} },
        runner: RUN,
      },
      {
        clock,
        emit: () => {},
        async checkout(signal) {
          const checkout = await checkoutDefinitions({ ...git, signal });
          // Nobody changes them; to look every five seconds of the turned clock would be most of the work.
          return { ...checkout, refresh: async () => ({ ...checkout, changed: false }) };
        },
        async openLedger({ author }, { branch }, signal) {
          const options = {
            ...git,
            ...RUN,
            branch: RESULTS,
            definitionsBranch: branch,
            author,
            emit: () => {},
            clock,
            pushInterval: 60_000,
          };
          const ledger = await openLedger(options, signal);
          close = () => ledger.close();
          return ledger;
        },
        connect: async () => ({ ...connection, cluster: counted.cluster, close: async () => {} }),
      },
      NEVER,
    );
    await close();
    return ended;
  }

  describe('a trial fails', () => {
    describeFailures(cases, () => ({ cluster: counted.cluster, remote: world.remote }));

    it('which is data and no error of the run', () => {
      assert.deepEqual(
        { problems: end.problems, bugs: end.slots.bugs, unpushed: end.slots.unpushed },
        { problems: [], bugs: [], unpushed: [] },
      );
    });
  });

  it('are scripted and left out by names that the table has', () => {
    const names = table.map(({ name }) => name);

    assert.deepEqual(
      [...Object.keys(SCRIPTS), ...Object.keys(NOT_SHOWN)].filter((name) => !names.includes(name)),
      [],
    );
  });
});
