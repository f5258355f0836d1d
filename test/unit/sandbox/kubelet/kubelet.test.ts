import assert from 'node:assert/strict';

import type { KubeletOptions } from '../../../../sandbox/kubelet/options.ts';
import type { StoredObject } from '../../../../sandbox/store.ts';
import { stoppedCluster, template, type StoppedCluster } from '../../../support/stopped-cluster.ts';

describe('the simulated kubelet', () => {
  it('backs off longer after each crash: at once, 10 s, 20 s, 40 s', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { run: '1s', 'exit-code': '1' }, { restartPolicy: 'Always' });
    const starts: number[] = [];
    cluster.store.subscribe(({ kind, object }) => {
      const startedAt = kind.kind === 'Pod' && object.status?.containerStatuses?.[0].state.running?.startedAt;
      if (startedAt && starts.at(-1) !== Date.parse(startedAt)) starts.push(Date.parse(startedAt));
    });

    await cluster.clock.advance(90_000);

    const pauses = starts.map((start, index) => (index === 0 ? 0 : (start - starts[index - 1]!) / 1000));
    assert.deepEqual(pauses, [0, 2, 11, 21, 41]);
  });

  it('keeps the end of the start before as the last state', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { run: '1s', fail: 'OOMKilled' }, { restartPolicy: 'Always' });

    await cluster.clock.advance(2500);

    const { lastState, restartCount, state } = containerOf(podOf(cluster));
    assert.equal(restartCount, 1);
    assert.deepEqual([lastState.terminated.exitCode, lastState.terminated.reason], [137, 'OOMKilled']);
    assert.ok(state.running);
  });

  it('becomes ready after the time that is said', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { 'ready-after': '30s' }, { restartPolicy: 'Always' });

    await cluster.clock.advance(29_000);
    const early = containerOf(podOf(cluster));
    await cluster.clock.advance(2000);
    const late = containerOf(podOf(cluster));

    assert.deepEqual([early.ready, early.started, late.ready], [false, true, true]);
  });

  it('holds a pod for ready once somebody has set its readiness gates, and keeps their conditions', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, {}, { restartPolicy: 'Always', readinessGates: [{ conditionType: 'a.test/checked' }] });
    const set = (status: string) =>
      cluster.store.mutate(
        cluster.store.kind('v1', 'Pod'),
        'default',
        podOf(cluster).metadata.name,
        (pod) => {
          const others = pod.status.conditions.filter(({ type }: any) => type !== 'a.test/checked');
          return { ...pod, status: { ...pod.status, conditions: [...others, { type: 'a.test/checked', status }] } };
        },
        { status: true },
      );
    const ready = () => {
      const { status, message } = podOf(cluster).status.conditions.find(({ type }: any) => type === 'Ready');
      return [status, message];
    };

    await cluster.clock.advance(5000);
    const before = ready();
    set('Unknown');
    await cluster.clock.advance(1000);
    const unknown = ready();
    set('True');
    await cluster.clock.advance(1000);
    const after = ready();

    assert.deepEqual(before, ['False', 'corresponding condition of pod readiness gate "a.test/checked" does not exist.']);
    assert.deepEqual(unknown, ['False', 'the status of pod readiness gate "a.test/checked" is not "True", but Unknown']);
    assert.deepEqual(after, ['True', undefined]);
  });

  it('evicts the whole pod', async () => {
    const cluster = stoppedCluster();
    const spec = {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'a' },
        { name: 'side', image: 'b' },
      ],
    };
    createPod(cluster, { run: '1h', 'run.main': '1s', 'fail.main': 'Evicted' }, spec);

    await cluster.clock.advance(2000);

    const { status } = podOf(cluster);
    assert.deepEqual([status.phase, status.reason], ['Failed', 'Evicted']);
    assert.match(status.message, /^The node was low on resource: memory\./);
    assert.deepEqual(
      status.containerStatuses.map(({ state }: any) => state.terminated?.exitCode),
      [137, 137],
    );
    const disruption = status.conditions.find(({ type }: any) => type === 'DisruptionTarget');
    assert.deepEqual([disruption.status, disruption.reason], ['True', 'TerminationByKubelet']);
  });

  it('ends only when the last container has', async () => {
    const cluster = stoppedCluster();
    const spec = {
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image: 'a' },
        { name: 'side', image: 'b' },
      ],
    };
    createPod(cluster, { 'run.main': '1s', 'run.side': '5s', 'exit-code.main': '2' }, spec);

    await cluster.clock.advance(3000);
    const between = podOf(cluster);
    await cluster.clock.advance(3000);
    const after = podOf(cluster);

    assert.deepEqual([between.status.phase, after.status.phase], ['Running', 'Failed']);
    assert.equal(between.status.containerStatuses[0].state.terminated.exitCode, 2);
  });

  it('starts sidecars before the others, and ends them after', async () => {
    const cluster = stoppedCluster();
    const spec = {
      restartPolicy: 'Never',
      initContainers: [{ name: 'proxy', image: 'a', restartPolicy: 'Always' }],
      containers: [{ name: 'main', image: 'b' }],
    };
    createPod(cluster, { 'run.main': '2s', 'run.proxy': '1h' }, spec);

    await cluster.clock.advance(1000);
    const running = podOf(cluster);
    await cluster.clock.advance(3000);
    const ended = podOf(cluster);

    assert.ok(running.status.initContainerStatuses[0].state.running);
    assert.ok(containerOf(running).state.running);
    assert.equal(ended.status.phase, 'Succeeded');
    assert.equal(ended.status.initContainerStatuses[0].state.terminated.exitCode, 143);
  });

  it('lets a container stop within its grace period', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { 'stop-after': '5s' }, { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
    await cluster.clock.advance(1000);

    removePod(cluster);
    await cluster.clock.advance(4900);
    const stopping = containerOf(podOf(cluster));
    await cluster.clock.advance(1000);

    assert.ok(stopping.state.running);
    assert.equal(cluster.get('Pod', 'it'), undefined);
  });

  it('kills it when the grace period is over', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { 'stop-after': '1h' }, { restartPolicy: 'Always', terminationGracePeriodSeconds: 30 });
    await cluster.clock.advance(1000);
    const exits: number[] = [];
    cluster.store.subscribe(({ kind, object }) => {
      const { exitCode } = (kind.kind === 'Pod' && object.status.containerStatuses[0].state.terminated) || {};
      if (exitCode !== undefined) exits.push(exitCode);
    });

    removePod(cluster);
    await cluster.clock.advance(31_000);

    assert.equal(exits[0], 137);
    assert.equal(cluster.get('Pod', 'it'), undefined);
  });

  it('deletes a pod that ends by itself while it is being deleted', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { run: '2s', 'stop-after': '1h' }, { restartPolicy: 'Never' });
    await cluster.clock.advance(2060);

    removePod(cluster);
    await cluster.clock.advance(1000);

    assert.equal(cluster.get('Pod', 'it'), undefined);
  });

  it('keeps what a container writes', async () => {
    const cluster = stoppedCluster();
    const pod = createPod(cluster, { run: '1s', log: '{"p95": 0.25}' }, { restartPolicy: 'Never' });

    await cluster.clock.advance(500);

    assert.equal(cluster.kubelet.logs.read(identityOf(pod), 'main'), '{"p95": 0.25}\n');
  });

  it('says in an event and in the status why an annotation cannot be followed', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { run: 'soon' }, { restartPolicy: 'Never' });

    await cluster.clock.advance(500);

    const { reason, message } = containerOf(podOf(cluster)).state.waiting;
    assert.equal(reason, 'CreateContainerConfigError');
    assert.match(message, /run of pod it is "soon"/);
    assert.ok(cluster.list('Event').some((event) => event['message'] === `Error: ${message}`));
  });

  it('schedules no pod that asks for more than its node has, its sidecars included', async () => {
    const cluster = stoppedCluster({ capacity: { cpu: '2', memory: '1Gi' } });
    const asking = (cpu: string) => ({ name: `asks-${cpu}`, image: 'a', resources: { requests: { cpu } } });
    createPod(cluster, {}, { containers: [asking('1500m')], initContainers: [{ ...asking('600m'), restartPolicy: 'Always' }] });

    await cluster.clock.advance(1000);

    const { conditions, phase } = podOf(cluster).status;
    assert.equal(phase, 'Pending');
    assert.equal(conditions[0].reason, 'Unschedulable');
    assert.match(conditions[0].message, /1 Insufficient cpu\./);
  });

  it('lets the program run containers that no annotation scripts', async () => {
    const run: KubeletOptions['containers'] = ({ write, exited }) => {
      write('hello\n');
      cluster.clock.after(1000, () => exited({ exitCode: 3, reason: 'Error' }));
      return { stop: () => undefined };
    };
    const cluster = stoppedCluster({ containers: run });
    const pod = createPod(cluster, {}, { restartPolicy: 'Never' });

    await cluster.clock.advance(2000);

    assert.equal(containerOf(podOf(cluster)).state.terminated.exitCode, 3);
    assert.equal(cluster.kubelet.logs.read(identityOf(pod), 'main'), 'hello\n');
  });

  it('leaves containers that the program does not run to the defaults', async () => {
    const cluster = stoppedCluster({ containers: () => undefined });
    createPod(cluster, {}, { restartPolicy: 'Never' });

    await cluster.clock.advance(2000);

    assert.equal(podOf(cluster).status.phase, 'Succeeded');
  });

  it('writes nothing more once it is stopped', async () => {
    const cluster = stoppedCluster();
    createPod(cluster, { run: '1s' }, { restartPolicy: 'Never' });
    await cluster.clock.advance(500);

    await cluster.kubelet.stop();
    await cluster.clock.advance(5000);

    assert.equal(podOf(cluster).status.phase, 'Running');
  });
});

function createPod(cluster: StoppedCluster, script: Record<string, string>, spec: Record<string, unknown>): StoredObject {
  return cluster.create({ apiVersion: 'v1', kind: 'Pod', ...template(script, spec) });
}

function removePod({ store }: StoppedCluster): void {
  store.remove(store.kind('v1', 'Pod'), 'default', 'it');
}

function podOf(cluster: StoppedCluster): StoredObject {
  return cluster.get('Pod', 'it')!;
}

function containerOf({ status }: StoredObject): any {
  return status.containerStatuses[0];
}

function identityOf({ metadata: { name, uid } }: StoredObject) {
  return { namespace: 'default', name, uid };
}
