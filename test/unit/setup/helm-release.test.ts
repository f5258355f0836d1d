import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { installChart, uninstallChart, type HelmDeps, type Installation, type RunHelm } from '../../../runner/setup/helm-release.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();

function aRelease(fields: Partial<Installation> = {}): Installation {
  return {
    release: 'db',
    namespace: 'shop-1',
    chart: { chart: '/fieldtrial/setup/db.tgz' },
    valuesFiles: [],
    values: [],
    labels: { 'fieldtrial.dev/experiment': 'sizing', 'fieldtrial.dev/trial': 'sizing-001' },
    timeoutSeconds: 90,
    ...fields,
  };
}

/** A helm that knows at most one release, and what it was told. */
function aHelm(found?: { status: string; ours: boolean; chart?: string }) {
  const told: string[][] = [];
  const helm: RunHelm = async (args) => {
    if (args[0] !== 'list') {
      told.push([...args]);
      return '';
    }
    const isListed = found !== undefined && (found.ours || !args.includes('--selector'));
    return JSON.stringify(isListed ? [{ name: 'db', status: found.status, chart: found.chart }] : []);
  };
  return { helm, told, verbs: () => told.map(([verb]) => verb) };
}

function depsOf(helm: RunHelm, said: string[] = [], cluster: FakeCluster = fakeCluster()): HelmDeps {
  return { helm, cluster: () => Promise.resolve(cluster), clock: manualClock(), say: (line) => void said.push(line) };
}

describe('installing a chart', () => {
  it('upgrades or installs, waits, and labels the release', async () => {
    const { helm, told } = aHelm();

    await installChart(aRelease(), depsOf(helm), signal);

    const [args] = told;
    assert.deepEqual(told.length, 1);
    assert.deepEqual(args?.slice(0, 4), ['upgrade', '--install', 'db', '/fieldtrial/setup/db.tgz']);
    assert.equal(valueOf(args, '--namespace'), 'shop-1');
    assert.equal(valueOf(args, '--timeout'), '90s');
    assert.equal(valueOf(args, '--labels'), 'fieldtrial.dev/experiment=sizing,fieldtrial.dev/trial=sizing-001');
    assert.ok(args?.includes('--wait'));
  });

  it('says which version of a chart from elsewhere it was, as helm may have chosen it', async () => {
    const { helm } = aHelm({ status: 'deployed', ours: true, chart: 'postgresql-16.2.1' });
    const said: string[] = [];

    await installChart(aRelease({ chart: { chart: 'postgresql', repository: 'https://charts.example' } }), depsOf(helm, said), signal);

    assert.equal(said.at(-1), 'release db is of chart postgresql-16.2.1');
  });

  for (const [what, found] of [
    ['a release that an earlier trial left', { status: 'deployed', ours: true }],
    ['one of an earlier trial that failed', { status: 'failed', ours: true }],
    ['one that hangs in its installation', { status: 'pending-install', ours: true }],
  ] as const) {
    it(`uninstalls ${what} first, and says so`, async () => {
      const { helm, told, verbs } = aHelm(found);
      const said: string[] = [];

      await installChart(aRelease(), depsOf(helm, said), signal);

      assert.deepEqual(verbs(), ['uninstall', 'upgrade']);
      assert.equal(told[0]?.[1], 'db');
      assert.equal(said[0], `uninstalling release db, left behind (${found.status})`);
    });
  }

  it('does not touch a release of somebody else', async () => {
    const { helm, verbs } = aHelm({ status: 'deployed', ours: false });

    await assert.rejects(installChart(aRelease(), depsOf(helm), signal), {
      reason: 'SlotDirty',
      message: /^release "db" in namespace shop-1 was not installed by a trial; uninstall it or rename the setup task$/,
    });
    assert.deepEqual(verbs(), []);
  });

  it('finds only the release of exactly that name', async () => {
    const filters: (string | undefined)[] = [];
    const helm: RunHelm = async (args) => {
      if (args[0] === 'list') filters.push(valueOf(args, '--filter'));
      return '[]';
    };

    await installChart(aRelease({ release: 'db.main' }), depsOf(helm), signal);

    assert.deepEqual(filters, ['^db\\.main$']);
  });

  it("hands on helm's own failure", async () => {
    const failure = new Error('timed out waiting for the condition');
    const helm: RunHelm = (args) => (args[0] === 'list' ? Promise.resolve('[]') : Promise.reject(failure));

    await assert.rejects(installChart(aRelease(), depsOf(helm), signal), failure);
  });

  for (const [what, chart, expected] of [
    ['a registry', { chart: 'oci://registry.example.com/db' }, ['oci://registry.example.com/db']],
    [
      'a chart repository',
      { chart: 'db', repository: 'https://charts.example.com', version: '1.2' },
      ['db', '--repo', 'https://charts.example.com', '--version', '1.2'],
    ],
  ] as const) {
    it(`takes a chart of ${what} as helm wants it`, async () => {
      const { helm, told } = aHelm();

      await installChart(aRelease({ chart }), depsOf(helm), signal);

      assert.deepEqual(told[0]?.slice(3, 3 + expected.length), expected);
    });
  }

  it('gives values files in order, before the values that win over them', async () => {
    const { helm, told } = aHelm();

    await installChart(
      aRelease({ valuesFiles: ['/a/values.yaml', '/b/values.yaml'], values: [{ name: 'x', value: 1, forceString: false }] }),
      depsOf(helm),
      signal,
    );

    assert.deepEqual(told[0]?.slice(-6), ['--values', '/a/values.yaml', '--values', '/b/values.yaml', '--set-json', 'x=1']);
  });

  it('does not wait for what can never become ready, and ends helm', async () => {
    const clock = manualClock('2026-01-01T10:00:00Z');
    const cluster = fakeCluster(aDeploymentWithoutImage('db'));
    const { helm: known } = aHelm();
    let ended: unknown;
    const helm: RunHelm = (args, ending) =>
      args[0] === 'list'
        ? known(args, ending)
        : new Promise((_, reject) => ending.addEventListener('abort', () => reject((ended = new Error('killed')))));

    const installing = installChart(aRelease(), { ...depsOf(helm, [], cluster), clock }, signal);

    await assert.rejects(whileTimePasses(installing, clock), {
      reason: 'ImagePullFailed',
      message: 'Deployment web: pod web-1: container app: ErrImagePull: not found',
    });
    assert.ok(ended !== undefined);
  });

  describe('with values', () => {
    const argumentsFor = async (...values: Installation['values']) => {
      const { helm, told } = aHelm();
      await installChart(aRelease({ values }), depsOf(helm), signal);
      const args = told[0] ?? [];
      return args.slice(args.indexOf('--labels') + 2);
    };

    it('keeps numbers, booleans and null as they are', async () => {
      const values = [5, true, null].map((value, index) => ({ name: `v${index}`, value, forceString: false }));

      assert.deepEqual(await argumentsFor(...values), ['--set-json', 'v0=5', '--set-json', 'v1=true', '--set-json', 'v2=null']);
    });

    it('keeps text as text, also when it looks like a number', async () => {
      assert.deepEqual(await argumentsFor({ name: 'tag', value: '1.10', forceString: false }), ['--set-json', 'tag="1.10"']);
    });

    it('makes a number text where that is asked for', async () => {
      assert.deepEqual(await argumentsFor({ name: 'tag', value: 2, forceString: true }), ['--set-json', 'tag="2"']);
    });

    it("keeps commas, backslashes, quotes and braces, which helm's own syntax would take apart", async () => {
      const [, flag] = await argumentsFor({ name: 'opts', value: '{a,b}\\"', forceString: false });

      assert.equal(flag, String.raw`opts="{a,b}\\\""`);
    });
  });
});

describe('uninstalling a chart', () => {
  it('waits until its objects are gone', async () => {
    const { helm, told } = aHelm({ status: 'deployed', ours: true });

    await uninstallChart(aRelease(), depsOf(helm), signal);

    const [args] = told;
    assert.equal(told.length, 1);
    assert.deepEqual(args?.slice(0, 2), ['uninstall', 'db']);
    assert.ok(args.some((arg) => arg.startsWith('--wait')));
    assert.equal(valueOf(args, '--cascade'), 'foreground');
    assert.equal(valueOf(args, '--timeout'), '90s');
  });

  it('deletes the claims of its StatefulSets first, so that none is left wherever it ends', async () => {
    const order: string[] = [];
    const { helm: known } = aHelm({ status: 'deployed', ours: true });
    const cluster = fakeCluster(aDatabase('db'));
    const helm: RunHelm = (args, ending) => {
      if (args[0] === 'uninstall') order.push(...cluster.changes, 'uninstall');
      return known(args, ending);
    };

    await uninstallChart(aRelease(), depsOf(helm, [], cluster), signal);

    assert.deepEqual(order, ['remove PersistentVolumeClaim shop-1/data-db-0', 'uninstall']);
  });

  it("leaves the claims of other releases' StatefulSets", async () => {
    const { helm } = aHelm({ status: 'deployed', ours: true });
    const cluster = fakeCluster(aDatabase('another'));

    await uninstallChart(aRelease(), depsOf(helm, [], cluster), signal);

    assert.deepEqual(cluster.changes, []);
  });

  it('is fine with a service account that may not list StatefulSets: it has created none', async () => {
    const { helm, verbs } = aHelm({ status: 'deployed', ours: true });
    const cluster = fakeCluster();
    cluster.refuse('list StatefulSet', new ClusterError(403, 'Forbidden', 'statefulsets.apps is forbidden'));

    await uninstallChart(aRelease(), depsOf(helm, [], cluster), signal);

    assert.deepEqual(verbs(), ['uninstall']);
  });

  it('is fine with a release that is not there', async () => {
    const { helm, told } = aHelm();
    const said: string[] = [];

    await uninstallChart(aRelease(), depsOf(helm, said), signal);

    assert.deepEqual(told, []);
    assert.deepEqual(said, ['release db is not there']);
  });

  it('leaves a release of somebody else, which kept ours from being installed', async () => {
    const { helm, told } = aHelm({ status: 'deployed', ours: false });
    const said: string[] = [];

    await uninstallChart(aRelease(), depsOf(helm, said), signal);

    assert.deepEqual(told, []);
    assert.deepEqual(said, ['left release db: no trial installed it']);
  });
});

/** A StatefulSet as this release's chart makes it, and the claim that its controller has made. */
function aDatabase(release: string): KubeObject[] {
  const metadata = { namespace: 'shop-1', creationTimestamp: '2026-01-01T10:00:00Z' };
  const marks = {
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': 'shop-1' },
  };
  const spec = { volumeClaimTemplates: [{ metadata: { name: 'data' } }] };
  return [
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', ...metadata, ...marks }, spec },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data-db-0', ...metadata } },
  ];
}

/** A Deployment of a release whose one pod has an image that does not exist. */
function aDeploymentWithoutImage(release: string): KubeObject[] {
  const labels = { app: 'web' };
  const metadata = {
    name: 'web',
    namespace: 'shop-1',
    labels: { 'app.kubernetes.io/managed-by': 'Helm' },
    annotations: { 'meta.helm.sh/release-name': release },
  };
  const state = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { selector: { matchLabels: labels } } },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-1', namespace: 'shop-1', labels },
      status: { phase: 'Pending', containerStatuses: [{ name: 'app', ready: false, state }] },
    },
  ];
}

function valueOf(args: readonly string[] | undefined, flag: string): string | undefined {
  return args?.[args.indexOf(flag) + 1];
}
