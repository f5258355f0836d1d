import assert from 'node:assert/strict';

import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { podThat, podThatFails } from './pod-templates.ts';
import type { Workbench } from './workbench.ts';

export function describePods(bench: Workbench): void {
  const podNamed = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', name });

  function createPod({ metadata, spec }: { metadata: object; spec: object }): Promise<KubeObject> {
    return bench.create({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: bench.name() }, spec });
  }

  const container = ({ status }: KubeObject) => status?.containerStatuses?.[0];
  const waiting = (reason: string) => (pod: KubeObject) => container(pod)?.state.waiting?.reason === reason;
  const inPhase =
    (...phases: string[]) =>
    (pod: KubeObject) =>
      phases.includes(pod.status?.phase);

  it('are scheduled, created, run, end and succeed', async () => {
    const pod = await createPod(podThat({ seconds: 1 }));

    const states = await bench.statesUntil(pod, inPhase('Succeeded', 'Failed'));

    const steps = states.map((state) => `${state.status.phase}: ${Object.keys(container(state)?.state ?? { none: 0 })[0]}`);
    assert.deepEqual(withoutRepetition(steps), [
      'Pending: none',
      'Pending: waiting',
      'Running: running',
      'Running: terminated',
      'Succeeded: terminated',
    ]);
  });

  it('count as one generation, however they are bound', async () => {
    const pod = await createPod(podThat({ seconds: 1 }));

    const { metadata, status } = await bench.until(podNamed(pod.metadata.name), inPhase('Succeeded'));

    assert.equal(metadata.generation, 1);
    assert.equal(status.observedGeneration, 1);
  });

  it('wait for their containers with conditions that name them', async () => {
    const pod = await createPod(podThat({ seconds: 1 }));

    const [created] = (await bench.statesUntil(pod, inPhase('Running'))).filter(waiting('ContainerCreating'));

    assert.deepEqual(created!.status.conditions.map(summary), [
      'PodReadyToStartContainers=False',
      'Initialized=True',
      'Ready=False ContainersNotReady: containers with unready status: [main]',
      'ContainersReady=False ContainersNotReady: containers with unready status: [main]',
      'PodScheduled=True',
    ]);
    const { name, image, imageID, lastState, ready, restartCount, started, state } = container(created!);
    assert.deepEqual(
      { name, image, imageID, lastState, ready, restartCount, started, state },
      {
        name: 'main',
        image: 'busybox',
        imageID: '',
        lastState: {},
        ready: false,
        restartCount: 0,
        started: false,
        state: { waiting: { reason: 'ContainerCreating' } },
      },
    );
  });

  it('run with an address, a start time and an image of their own', async () => {
    const pod = await createPod(podThat({ seconds: 1 }));

    const running = await bench.until(podNamed(pod.metadata.name), inPhase('Running'));

    const { containerID, image, imageID, ready, started, state } = container(running);
    assert.match(containerID, /^containerd:\/\/[0-9a-f]{64}$/);
    assert.equal(image, 'docker.io/library/busybox:latest');
    assert.match(imageID, /sha256:[0-9a-f]{64}$/);
    assert.deepEqual([ready, started], [true, true]);
    assert.match(state.running.startedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(running.status.podIP, /^\d+\.\d+\.\d+\.\d+$/);
    assert.deepEqual(running.status.podIPs, [{ ip: running.status.podIP }]);
    assert.ok(running.status.startTime);
    assert.ok(running.spec.nodeName);
  });

  it('say how they ended', async () => {
    const pod = await createPod(podThat({ seconds: 1, exitCode: 3 }));

    const failed = await bench.until(podNamed(pod.metadata.name), inPhase('Failed', 'Succeeded'));

    const { containerID, ready, restartCount, started, state } = container(failed);
    const { startedAt, finishedAt, ...terminated } = state.terminated;
    assert.equal(failed.status.phase, 'Failed');
    assert.deepEqual(terminated, { containerID, exitCode: 3, reason: 'Error' });
    assert.ok(Date.parse(finishedAt) - Date.parse(startedAt) >= 1000);
    assert.deepEqual([ready, restartCount, started], [false, 0, false]);
    assert.deepEqual(failed.status.conditions.map(summary), [
      'PodReadyToStartContainers=False',
      'Initialized=True',
      'Ready=False PodFailed',
      'ContainersReady=False PodFailed',
      'PodScheduled=True',
    ]);
  });

  it('are PodCompleted when all has ended well', async () => {
    const pod = await createPod(podThat({ seconds: 1 }));

    const { status } = await bench.until(podNamed(pod.metadata.name), inPhase('Failed', 'Succeeded'));

    assert.deepEqual(status.conditions.map(summary), [
      'PodReadyToStartContainers=False',
      'Initialized=True PodCompleted',
      'Ready=False PodCompleted',
      'ContainersReady=False PodCompleted',
      'PodScheduled=True',
    ]);
    assert.equal(status.containerStatuses[0].state.terminated.reason, 'Completed');
  });

  it('run init containers one after another before all others', async () => {
    const { metadata, spec } = podThat({ seconds: 1 });
    const init = (name: string) => ({ ...spec.containers[0], name });
    const pod = await createPod({ metadata, spec: { ...spec, initContainers: [init('one'), init('two')] } });

    const states = await bench.statesUntil(pod, inPhase('Succeeded', 'Failed'));

    const order = states
      .map(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      .map((statuses) =>
        statuses
          .filter(({ state }) => state.running)
          .map(({ name }) => name)
          .join('+'),
      )
      .filter((running) => running !== '');
    const pending = states.find(({ status }) => status.containerStatuses?.[0].state.waiting);
    assert.deepEqual(withoutRepetition(order), ['one', 'two', 'main']);
    assert.equal(pending?.status.containerStatuses[0].state.waiting.reason, 'PodInitializing');
    assert.ok(
      pending?.status.conditions
        .map(summary)
        .includes('Initialized=False ContainersNotInitialized: containers with incomplete status: [one two]'),
    );
  });

  it('fail when an init container does', async () => {
    const { metadata, spec } = podThat({ seconds: 1, exitCode: 4 });
    const pod = await createPod({ metadata, spec: { ...spec, initContainers: [{ ...spec.containers[0], name: 'one' }] } });

    const { status } = await bench.until(podNamed(pod.metadata.name), inPhase('Succeeded', 'Failed'));

    assert.equal(status.phase, 'Failed');
    assert.equal(status.initContainerStatuses[0].state.terminated.exitCode, 4);
    assert.deepEqual(status.containerStatuses[0].state, { waiting: { reason: 'PodInitializing' } });
  });

  it('are restarted, and back off from the second crash on', async () => {
    const pod = await createPod(podThatFails('CrashLoopBackOff', { command: ['sh', '-c', 'sleep 1; exit 1'] }, 'Always'));
    const { name, uid } = pod.metadata;

    const looping = await bench.until(podNamed(name), waiting('CrashLoopBackOff'));

    const { lastState, restartCount, state, ready } = container(looping);
    assert.equal(looping.status.phase, 'Running');
    assert.equal(restartCount, 1);
    assert.equal(ready, false);
    assert.deepEqual([lastState.terminated.exitCode, lastState.terminated.reason], [1, 'Error']);
    assert.deepEqual(state.waiting, {
      reason: 'CrashLoopBackOff',
      message: `back-off 10s restarting failed container=main pod=${name}_${bench.namespace()}(${uid})`,
    });
  });

  it('wait for an image that cannot be pulled', async () => {
    const image = 'localhost:1/nothing:1';
    const pod = await createPod(podThatFails('ImagePullBackOff', { image, imagePullPolicy: 'IfNotPresent' }));

    const failing = await bench.until(podNamed(pod.metadata.name), waiting('ErrImagePull'));
    const waitingLonger = await bench.until(podNamed(pod.metadata.name), waiting('ImagePullBackOff'));

    assert.match(container(failing).state.waiting.message, /^failed to pull and unpack image "localhost:1\/nothing:1": /);
    assert.match(
      container(waitingLonger).state.waiting.message,
      /^Back-off pulling image "localhost:1\/nothing:1": ErrImagePull: failed to pull/,
    );
    assert.equal(waitingLonger.status.phase, 'Pending');
  });

  it('wait for configuration that is not there', async () => {
    const { metadata, spec } = podThatFails('CreateContainerConfigError', {
      env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'missing', key: 'key' } } }],
    });
    const pod = await createPod({ metadata, spec });

    const held = await bench.until(podNamed(pod.metadata.name), waiting('CreateContainerConfigError'));

    assert.equal(container(held).state.waiting.message, 'secret "missing" not found');
    assert.equal(held.status.phase, 'Pending');
  });

  it('are not ready before their readiness gates are, which nobody sets', async () => {
    const { metadata, spec } = podThat({});
    const pod = await createPod({ metadata, spec: { ...spec, readinessGates: [{ conditionType: 'example.com/checked' }] } });

    const { status } = await bench.until(podNamed(pod.metadata.name), (each) => conditionOf(each, 'ContainersReady')?.status === 'True');

    assert.equal(
      summary(conditionOf({ status }, 'Ready')),
      'Ready=False ReadinessGatesNotReady: corresponding condition of pod readiness gate "example.com/checked" does not exist.',
    );
  });

  it('are killed beyond their memory', async () => {
    const pod = await createPod(
      podThatFails('OOMKilled', {
        command: ['sh', '-c', 'sleep 1; tail /dev/zero'],
        resources: { limits: { memory: '20Mi' } },
      }),
    );

    const { status } = await bench.until(podNamed(pod.metadata.name), inPhase('Failed', 'Succeeded'));

    const { exitCode, reason } = status.containerStatuses[0].state.terminated;
    assert.deepEqual([status.phase, exitCode, reason], ['Failed', 137, 'OOMKilled']);
  });

  it('stay Pending when they fit nowhere', async () => {
    const pod = await createPod(podThatFails('Unschedulable', { resources: { requests: { cpu: '1000' } } }));

    const { status } = await bench.until(podNamed(pod.metadata.name), (each) => each.status.conditions?.length > 0);

    const [condition] = status.conditions;
    assert.equal(status.phase, 'Pending');
    assert.deepEqual([condition.type, condition.status, condition.reason], ['PodScheduled', 'False', 'Unschedulable']);
    assert.match(condition.message, /^0\/1 nodes are available: 1 Insufficient cpu\./);
  });

  it('get their grace period when they are deleted, and then are gone', async () => {
    const pod = await createPod(podThat({}));
    const { name } = pod.metadata;
    const running = await bench.until(podNamed(name), inPhase('Running'));

    await bench.remove(podNamed(name));
    const states = await bench.statesUntil(running, ({ metadata }) => metadata.deletionTimestamp !== undefined);
    await bench.untilGone(podNamed(name));

    const ending = states.at(-1);
    assert.equal(ending?.metadata['deletionGracePeriodSeconds'], 1);
    assert.ok(ending?.metadata.deletionTimestamp);
    assert.equal(ending?.metadata.generation, 2);
  });
}

function conditionOf({ status }: Pick<KubeObject, 'status'>, type: string): any {
  return status?.conditions?.find((condition: any) => condition.type === type);
}

function summary({ type, status, reason, message }: any): string {
  return [`${type}=${status}`, ...(reason ? [` ${reason}`] : []), ...(message ? [`: ${message}`] : [])].join('');
}

function withoutRepetition(values: readonly string[]): string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}
