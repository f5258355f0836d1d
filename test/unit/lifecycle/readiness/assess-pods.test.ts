import assert from 'node:assert/strict';
import { assessPods } from '../../../../runner/lifecycle/readiness/assess-pods.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const options = { seenFor: () => 0, unschedulableGrace: 60_000 };

const aPod = (status: string, spec = '{restartPolicy: Always}') =>
  fromYaml(`
    apiVersion: v1
    kind: Pod
    metadata: {name: api-1}
    spec: ${spec}
    status: ${status}
  `);

const UNSCHEDULABLE = aPod(
  '{phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: 0/3 nodes are available}]}',
);

const aContainer = (container: string, spec?: string) =>
  aPod(`{phase: Running, containerStatuses: [{name: app, ready: false, ${container}}]}`, spec);

describe('the pods of a workload', () => {
  it('are ready when there are none', () => {
    assert.deepEqual(assessPods([], options), { status: 'Ready' });
  });

  it('are ready when each is Ready or succeeded', () => {
    const pods = [aPod('{phase: Running, conditions: [{type: Ready, status: "True"}]}'), aPod('{phase: Succeeded}')];

    assert.deepEqual(assessPods(pods, options), { status: 'Ready' });
  });

  it('wait for the one that is not Ready', () => {
    const pods = [aPod('{phase: Running, conditions: [{type: Ready, status: "False", message: containers with unready status}]}')];

    assert.deepEqual(assessPods(pods, options), {
      status: 'Waiting',
      message: 'pod api-1: containers with unready status',
    });
  });

  it('fail as Unschedulable once the grace is over', () => {
    assert.deepEqual(assessPods([UNSCHEDULABLE], { ...options, seenFor: () => 60_000 }), {
      status: 'Failed',
      reason: 'Unschedulable',
      message: 'pod api-1: 0/3 nodes are available',
    });
  });

  it('have the whole grace again once they had a node in between', () => {
    const since = (lastTransitionTime: string) => ({ ...UNSCHEDULABLE.status.conditions[0], lastTransitionTime });
    const pod = (time: string) => ({ ...UNSCHEDULABLE, status: { ...UNSCHEDULABLE.status, conditions: [since(time)] } });
    const seenFor = (key: string) => (key.includes('10:00:00') ? 60_000 : 0);

    const verdicts = ['10:00:00', '10:05:00'].map((time) => assessPods([pod(`2026-03-01T${time}Z`)], { ...options, seenFor }).status);

    assert.deepEqual(verdicts, ['Failed', 'Waiting']);
  });

  it('wait for an autoscaler within the grace', () => {
    assert.equal(assessPods([UNSCHEDULABLE], { ...options, seenFor: () => 59_000 }).status, 'Waiting');
  });

  const failures: { container: string; spec?: string; reason: string; message: string }[] = [
    {
      container:
        'state: {waiting: {reason: CrashLoopBackOff, message: back-off 10s}}, lastState: {terminated: {reason: OOMKilled, exitCode: 137}}, restartCount: 1',
      reason: 'OOMKilled',
      message: 'pod api-1: container app: OOMKilled: back-off 10s',
    },
    {
      container: 'state: {terminated: {reason: OOMKilled, exitCode: 137}}',
      reason: 'OOMKilled',
      message: 'pod api-1: container app: OOMKilled',
    },
    {
      container: 'state: {waiting: {reason: CrashLoopBackOff, message: back-off 40s restarting failed container}}, restartCount: 3',
      reason: 'CrashLoopBackOff',
      message: 'pod api-1: container app: CrashLoopBackOff: back-off 40s restarting failed container',
    },
    {
      container: 'state: {terminated: {reason: Error, exitCode: 1}}, restartCount: 3',
      reason: 'CrashLoopBackOff',
      message: 'pod api-1: container app: exited with code 1 after 3 restarts',
    },
    {
      container: 'state: {waiting: {reason: ErrImagePull, message: not found}}',
      reason: 'ImagePullFailed',
      message: 'pod api-1: container app: ErrImagePull: not found',
    },
    {
      container: 'state: {waiting: {reason: ImagePullBackOff}}',
      reason: 'ImagePullFailed',
      message: 'pod api-1: container app: ImagePullBackOff',
    },
    {
      container: 'state: {waiting: {reason: InvalidImageName}}',
      reason: 'ImagePullFailed',
      message: 'pod api-1: container app: InvalidImageName',
    },
    {
      container: 'state: {waiting: {reason: ErrImageNeverPull}}',
      reason: 'ImagePullFailed',
      message: 'pod api-1: container app: ErrImageNeverPull',
    },
    {
      container: 'state: {waiting: {reason: CreateContainerConfigError, message: secret "db" not found}}',
      reason: 'ContainerConfigError',
      message: 'pod api-1: container app: CreateContainerConfigError: secret "db" not found',
    },
    {
      container: 'state: {terminated: {reason: Error, exitCode: 3}}',
      spec: '{restartPolicy: Never}',
      reason: 'Error',
      message: 'pod api-1: container app: exited with code 3',
    },
  ];
  for (const { container, spec, reason, message } of failures) {
    it(`fail as ${reason} for a container with ${container}`, () => {
      assert.deepEqual(assessPods([aContainer(container, spec)], options), { status: 'Failed', reason, message });
    });
  }

  const waits: { what: string; container: string; spec?: string }[] = [
    {
      what: 'a crash that may be the start order',
      container: 'state: {waiting: {reason: CrashLoopBackOff}}, restartCount: 2',
    },
    {
      what: 'a restarted container that exited',
      container: 'state: {terminated: {reason: Error, exitCode: 1}}, restartCount: 0',
    },
    { what: 'a container that is being created', container: 'state: {waiting: {reason: ContainerCreating}}' },
    { what: 'a registry that may come back', container: 'state: {waiting: {reason: RegistryUnavailable}}' },
    {
      what: 'a sidecar that was ended',
      container: 'state: {terminated: {reason: Error, exitCode: 143}}',
      spec: '{restartPolicy: Never, initContainers: [{name: app, restartPolicy: Always}]}',
    },
  ];
  for (const { what, container, spec } of waits) {
    it(`wait for ${what}`, () => {
      assert.equal(assessPods([aContainer(container, spec)], options).status, 'Waiting');
    });
  }

  it('fail for an init container too', () => {
    const pod = aPod(
      '{phase: Pending, initContainerStatuses: [{name: migrate, ready: false, state: {waiting: {reason: ImagePullBackOff}}}]}',
    );

    assert.deepEqual(assessPods([pod], options), {
      status: 'Failed',
      reason: 'ImagePullFailed',
      message: 'pod api-1: container migrate: ImagePullBackOff',
    });
  });

  it('forget an OOM kill that the container recovered from', () => {
    const pod = aPod(`{phase: Running, conditions: [{type: Ready, status: "True"}],
      containerStatuses: [{name: app, ready: true, lastState: {terminated: {reason: OOMKilled}}}]}`);

    assert.deepEqual(assessPods([pod], options), { status: 'Ready' });
  });

  it('leave out a pod that is being deleted', () => {
    const pod = aContainer('state: {waiting: {reason: ImagePullBackOff}}');
    pod.metadata.deletionTimestamp = '2026-03-01T10:00:00Z';

    assert.deepEqual(assessPods([pod], options), { status: 'Ready' });
  });

  it('leave out an evicted pod, which its controller replaces', () => {
    assert.deepEqual(assessPods([aPod('{phase: Failed, reason: Evicted}')], options), { status: 'Ready' });
  });

  it("fail with the node's reason where no controller replaces the pod", () => {
    const pod = aPod('{phase: Failed, reason: Evicted, message: low on memory}', '{restartPolicy: Never}');

    assert.deepEqual(assessPods([pod], options), {
      status: 'Failed',
      reason: 'Evicted',
      message: 'pod api-1: low on memory',
    });
  });

  it('fail when a later pod fails, whatever the first waits for', () => {
    const pods = [aContainer('state: {waiting: {reason: ContainerCreating}}'), aContainer('state: {waiting: {reason: InvalidImageName}}')];

    assert.equal(assessPods(pods, options).status, 'Failed');
  });
});
