import assert from 'node:assert/strict';
import { join } from 'node:path';
import { systemClock } from '../../../runner/clock.ts';
import { connectServer, type Connection } from '../../../runner/cluster/connect.ts';
import { checkoutDefinitions } from '../../../runner/ledger/checkout.ts';
import { openLedger, type OpenLedger } from '../../../runner/ledger/open-ledger.ts';
import { OPEN_ACCESS } from '../../../runner/metrics/access/metric-access.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { run, type RunOptions } from '../../../runner/run.ts';
import type { Sandbox } from '../../../sandbox/server.ts';
import { startCluster } from '../../../sandbox/start-cluster.ts';
import { experimentFile } from '../../support/definitions.ts';
import { createRemote, GIT_ENVIRONMENT, type Remote } from '../../support/git-repository.ts';

const NEVER = new AbortController().signal;

const EXPERIMENT = `apiVersion: fieldtrial.dev/v1alpha1
kind: Experiment
metadata: {name: sizing}
spec:
  replicas: 2
  suggest: {source: grid, budget: 4}
  parameters:
    - {name: cpu, min: 1, max: 4, baseline: 2}
  metrics:
    - {name: cost, minimize: true, query: "{{values.cpu}}"}
  namespaceTemplate:
    metadata: {generateName: shop-, labels: {team: shop}, annotations: {contact: ada}}
  trialTemplate:
    spec:
      setupTasks: [{name: db, image: db}]
      jobTemplate: {spec: {template: {spec: {containers: [{name: load, image: load}]}}}}
`;

describe('a run that makes its namespaces', function () {
  this.timeout('60s');

  let sandbox: Sandbox;
  let connection: Connection;
  let remote: Remote;
  let events: RunEvent[];
  let runs = 0;
  /** A dry run and two others: what each told, and what was there and recorded afterwards. */
  let told: { events: RunEvent[]; namespaces: string[]; slots: string[] }[];

  before(async () => {
    sandbox = await startCluster({ kubelet: { jobDuration: 20 } });
    connection = connectServer(sandbox.url);
    remote = await createRemote({ [experimentFile('sizing')]: EXPERIMENT });
    told = [];
    for (const dryRun of [true, false, false]) {
      events = [];
      const ledger = await runIt({ dryRun });
      told.push({ events, namespaces: namespaces(), slots: slotsOf(ledger) });
    }
  });
  after(async () => {
    await connection.close();
    await sandbox.close();
    await remote.cleanup();
  });

  async function runIt(options: Partial<RunOptions> = {}): Promise<OpenLedger> {
    runs += 1;
    const runner = { version: '0.1.0', run: `run-${runs}` };
    const git = { repository: remote.path, environment: GIT_ENVIRONMENT, workdir: join(remote.scratch, runner.run) };
    const emit = (event: RunEvent) => void events.push(event);
    let ledger: OpenLedger | undefined;
    await run(
      {
        repository: remote.path,
        experiments: [],
        slots: undefined,
        namespace: 'default',
        inCluster: false,
        maxTrials: 2,
        maxDuration: undefined,
        dryRun: false,
        image: 'fieldtrial:test',
        timing: { duration: 60_000, renewal: 10_000 },
        unschedulableGrace: 60_000,
        metricAccess: OPEN_ACCESS,
        namespaces: { labels: { fence: 'high' }, setupRole: 'edit' },
        runner,
        ...options,
      },
      {
        clock: systemClock,
        emit,
        checkout: (signal) => checkoutDefinitions({ ...git, signal }),
        async openLedger({ resultsBranch, author }, { branch }, signal) {
          ledger = await openLedger(
            { ...git, ...runner, branch: resultsBranch, definitionsBranch: branch, author, emit, pushInterval: 50 },
            signal,
          );
          return ledger;
        },
        connect: async () => ({ ...connection, close: async () => undefined }),
      },
      NEVER,
    );
    await ledger!.close();
    return ledger!;
  }

  const namespaces = () =>
    sandbox.store
      .list(sandbox.store.kind('v1', 'Namespace'), undefined)
      .map(({ metadata }) => metadata.name)
      .filter((name) => !name.startsWith('kube-') && name !== 'default');
  const slotsOf = (ledger: OpenLedger) => ledger.records('sizing').map(({ spec, status }) => `${spec.slot} ${status.phase}`);
  const created = (all: readonly RunEvent[]) => all.flatMap((event) => (event.type === 'namespace-created' ? [event.slot] : []));

  it('makes none in a dry run, which says so', () => {
    const [dry] = told;

    assert.deepEqual(dry?.namespaces, []);
    assert.deepEqual(dry?.events.at(-1), {
      type: 'notice',
      level: 'info',
      message: 'dry run: nothing was changed; sizing would run in shop-1, shop-2, and shop-1, shop-2 would be created for it',
    });
  });

  it('runs trials in them', () => {
    const [, first] = told;

    assert.deepEqual(created(first!.events).toSorted(), ['shop-1', 'shop-2']);
    assert.deepEqual(first!.slots.toSorted(), ['shop-1 Completed', 'shop-2 Completed']);
  });

  it('finds the same ones again the next time', () => {
    const [, , second] = told;

    assert.deepEqual(created(second!.events), []);
    assert.deepEqual(second!.namespaces, ['shop-1', 'shop-2']);
    assert.deepEqual([second!.slots.length, new Set(second!.slots)], [4, new Set(['shop-1 Completed', 'shop-2 Completed'])]);
  });

  it("gives them the template's metadata, and setup tasks their account with the installation's rights", () => {
    const { store } = sandbox;
    const read = (kind: string, name: string, namespace?: string) =>
      store.get(store.kind('v1', kind), namespace, name) ?? assert.fail(`there is no ${kind} ${name}`);
    const { labels, annotations } = read('Namespace', 'shop-1').metadata;
    assert.deepEqual(labels, {
      team: 'shop',
      fence: 'high',
      'fieldtrial.dev/experiment': 'sizing',
      'fieldtrial.dev/trial-role': 'slot',
      'kubernetes.io/metadata.name': 'shop-1',
    });
    assert.deepEqual(annotations, { contact: 'ada' });
    read('ServiceAccount', 'fieldtrial-setup', 'shop-1');
    const bindings = store.list(store.kind('rbac.authorization.k8s.io/v1', 'RoleBinding'), 'shop-1');
    assert.deepEqual(
      bindings.map(({ roleRef, subjects }) => [roleRef.name, subjects[0].name]),
      [['edit', 'fieldtrial-setup']],
    );
  });
});
