import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { gatherEvidence } from '../../../runner/lifecycle/gather-evidence.ts';
import { fakeCluster } from '../../support/fake-cluster.ts';
import { fromYaml } from '../../support/from-yaml.ts';

const { signal } = new AbortController();

function aPod(name: string, statuses: string, { restartPolicy = 'Never', init = '' } = {}): KubeObject {
  return fromYaml(`
    apiVersion: v1
    kind: Pod
    metadata: {name: ${name}, namespace: shop-1, uid: uid-of-${name}}
    spec: {restartPolicy: ${restartPolicy}}
    status: {containerStatuses: [${statuses}], initContainerStatuses: [${init}]}
  `);
}

const anEvent = (name: string, type: string, reason: string, message: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name, namespace: 'shop-1' },
  involvedObject: { uid: 'uid-of-load' },
  type,
  reason,
  message,
});

const EXITED = '{name: load, state: {terminated: {exitCode: 3, reason: Error, message: "bye\\n"}}}';

describe('the evidence of a failure', () => {
  it('is exit code, reason, message and last log lines of a container that failed', async () => {
    const cluster = fakeCluster();
    cluster.logs.set('load/load', 'line 1\nline 2\n');

    const evidence = await gatherEvidence([aPod('load', EXITED)], cluster, signal);

    assert.deepEqual(evidence, {
      containers: [{ pod: 'load', container: 'load', exitCode: 3, reason: 'Error', message: 'bye', log: 'line 1\nline 2' }],
    });
  });

  it('has the end of a log whose last lines are long, from the beginning of a line', async () => {
    const cluster = fakeCluster();
    const lines = Array.from({ length: 19 }, (_, index) => `line ${index + 1} ${'ä'.repeat(350)}`);
    cluster.logs.set('load/load', [...lines, 'FATAL: cannot open /data: permission denied', ''].join('\n'));

    const { containers } = await gatherEvidence([aPod('load', EXITED)], cluster, signal);

    const kept = containers?.[0]?.log?.split('\n') ?? [];
    assert.deepEqual([kept[0], kept.length, kept.at(-1)], [`…${lines[8]}`, 12, 'FATAL: cannot open /data: permission denied']);
  });

  it('leaves containers out that exited well', async () => {
    const pod = aPod('load', `{name: ok, state: {terminated: {exitCode: 0}}}, ${EXITED}`, {
      init: '{name: warm, state: {terminated: {exitCode: 0}}}',
    });

    const { containers } = await gatherEvidence([pod], fakeCluster(), signal);

    assert.deepEqual(
      containers?.map(({ container }) => container),
      ['load'],
    );
  });

  it('counts a container that still runs, in a Job', async () => {
    const { containers } = await gatherEvidence(
      [aPod('load', '{name: load, ready: true, restartCount: 0, state: {running: {}}}')],
      fakeCluster(),
      signal,
    );

    assert.deepEqual(containers, [{ pod: 'load', container: 'load' }]);
  });

  it("leaves a container out that is ready and was never restarted, in a workload's pod", async () => {
    const statuses =
      '{name: app, ready: true, restartCount: 0, state: {running: {}}}, {name: proxy, ready: false, restartCount: 0, state: {running: {}}}';

    const { containers } = await gatherEvidence([aPod('app', statuses, { restartPolicy: 'Always' })], fakeCluster(), signal);

    assert.deepEqual(
      containers?.map(({ container }) => container),
      ['proxy'],
    );
  });

  it('says why a container waits, and asks for no log of one that never ran', async () => {
    const cluster = fakeCluster();
    cluster.refuse('log', new Error('must not be asked for'));

    const { containers } = await gatherEvidence(
      [aPod('load', '{name: load, state: {waiting: {reason: ErrImagePull, message: not found}}}')],
      cluster,
      signal,
    );

    assert.deepEqual(containers, [{ pod: 'load', container: 'load', reason: 'ErrImagePull', message: 'not found' }]);
  });

  it('has the last exit and its log of a container that waits to be restarted', async () => {
    const cluster = fakeCluster();
    cluster.logs.set('app/app', 'panic\n');
    const status =
      '{name: app, restartCount: 2, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 2, reason: Error}}}';

    const { containers } = await gatherEvidence([aPod('app', status, { restartPolicy: 'Always' })], cluster, signal);

    assert.deepEqual(containers, [{ pod: 'app', container: 'app', exitCode: 2, reason: 'CrashLoopBackOff', log: 'panic' }]);
  });

  it('says that a log is gone instead of losing the failure it belongs to', async () => {
    const cluster = fakeCluster();
    cluster.refuse('log', new ClusterError(404, 'NotFound', 'pods "load" not found'));

    const { containers } = await gatherEvidence([aPod('load', EXITED)], cluster, signal);

    assert.equal(containers?.[0]?.log, '(log unavailable: pods "load" not found)');
    assert.equal(containers?.[0]?.exitCode, 3);
  });

  it('has the warnings about the pods', async () => {
    const cluster = fakeCluster([anEvent('e1', 'Normal', 'Pulled', 'pulled'), anEvent('e2', 'Warning', 'FailedMount', 'no such secret')]);

    const { events } = await gatherEvidence([aPod('load', EXITED)], cluster, signal);

    assert.deepEqual(events, ['FailedMount: no such secret']);
  });

  it('says that events may not be listed', async () => {
    const cluster = fakeCluster();
    cluster.refuse('list Event', new ClusterError(403, 'Forbidden', 'events is forbidden'));

    const { events } = await gatherEvidence([aPod('load', EXITED)], cluster, signal);

    assert.deepEqual(events, ['(events unavailable: events is forbidden)']);
  });

  it('is bounded: six containers, the last ten events', async () => {
    const pods = Array.from({ length: 9 }, (_, index) => aPod(`load-${index}`, EXITED));
    const events = Array.from({ length: 12 }, (_, index) =>
      anEvent(`e${String(index).padStart(2, '0')}`, 'Warning', 'BackOff', `attempt ${index}`),
    );

    const evidence = await gatherEvidence([aPod('load', EXITED), ...pods], fakeCluster(events), signal);

    assert.equal(evidence.containers?.length, 6);
    assert.equal(evidence.events?.length, 10);
    assert.equal(evidence.events?.at(-1), 'BackOff: attempt 11');
  });

  it('is nothing of no pods', async () => {
    assert.deepEqual(await gatherEvidence([], fakeCluster(), signal), {});
  });

  it("ends with the signal's reason", async () => {
    const reason = new Error('time is up');

    await assert.rejects(gatherEvidence([aPod('load', EXITED)], fakeCluster(), AbortSignal.abort(reason)), reason);
  });
});
