import assert from 'node:assert/strict';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import { assessJobPods, podImages, settledFailure, trialWindow } from '../../../runner/lifecycle/assess-job-pods.ts';
import { fromYaml } from '../../support/from-yaml.ts';

const NOW = { seenFor: () => 0, unschedulableGrace: 60_000 };
const OK = '{terminated: {exitCode: 0, reason: Completed, startedAt: "2026-01-01T10:00:00Z", finishedAt: "2026-01-01T10:01:00Z"}}';
const RUNNING = '{running: {startedAt: "2026-01-01T10:00:00Z"}}';
const failed = (exitCode: number, more = '', finishedAt = '2026-01-01T10:00:30Z') =>
  `{terminated: {exitCode: ${exitCode}, startedAt: "2026-01-01T10:00:00Z", finishedAt: "${finishedAt}"${more}}}`;

/** A pod with these container states by name; `spec` lists the containers where it has others besides. */
function aPod(
  phase: string,
  states: Record<string, string>,
  { more = '', init = {}, metadata = '' }: { more?: string; init?: Record<string, string>; metadata?: string } = {},
): KubeObject {
  const statuses = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([name, state]) => `{name: ${name}, state: ${state}}`)
      .join(', ');
  return fromYaml(`
    apiVersion: v1
    kind: Pod
    metadata: {name: load-x, creationTimestamp: "2026-01-01T10:00:00Z"${metadata}}
    spec: {restartPolicy: Never, containers: [${Object.keys(states)
      .map((name) => `{name: ${name}}`)
      .join(', ')}]}
    status: {phase: ${phase}, containerStatuses: [${statuses(states)}], initContainerStatuses: [${statuses(init)}]${more}}
  `);
}

function assess(pods: KubeObject[], containers = ['load']) {
  const { pods: _pods, ...verdict } = { pods: [], ...assessJobPods(pods, containers, NOW) };
  return verdict;
}

describe('a Job, judged by its pods', () => {
  it('waits for its first pod', () => {
    assert.deepEqual(assess([]), { status: 'Waiting', message: 'no pod yet' });
  });

  it('says what keeps a container from starting while it waits', () => {
    assert.deepEqual(assess([aPod('Pending', { load: '{waiting: {reason: ContainerCreating}}' })]), {
      status: 'Waiting',
      message: 'load ContainerCreating',
    });
  });

  it('waits while the pod runs', () => {
    assert.deepEqual(assess([aPod('Running', { load: RUNNING })]), { status: 'Waiting', message: 'pod load-x is Running' });
  });

  it('waits for the other container when one has ended well', () => {
    assert.equal(assess([aPod('Running', { load: OK, probe: RUNNING })], ['load', 'probe']).status, 'Waiting');
  });

  it('waits for the other container when one has failed: a container alone never decides', () => {
    assert.equal(assess([aPod('Running', { load: failed(1), probe: RUNNING })], ['load', 'probe']).status, 'Waiting');
  });

  it('waits for the other container when one has failed before it could start', () => {
    assert.equal(
      assess([aPod('Pending', { load: failed(1), probe: '{waiting: {reason: ContainerCreating}}' })], ['load', 'probe']).status,
      'Waiting',
    );
  });

  it('succeeds with its pod', () => {
    assert.equal(assess([aPod('Succeeded', { load: OK })]).status, 'Succeeded');
  });

  it('fails with the name and exit code of the container that failed, of two', () => {
    assert.deepEqual(assess([aPod('Failed', { load: OK, probe: failed(3) })], ['load', 'probe']), {
      status: 'Failed',
      reason: 'ContainerFailed',
      message: 'container probe exited with code 3',
      infrastructure: false,
    });
  });

  it('names the container that failed first, of two that failed: the other may have failed for that reason', () => {
    const pod = aPod('Failed', { a: failed(2, '', '2026-01-01T10:00:40Z'), b: failed(3, '', '2026-01-01T10:00:20Z') });

    assert.match(JSON.stringify(assess([pod], ['a', 'b'])), /container b exited with code 3/);
  });

  it('repeats what the container wrote to its termination message', () => {
    assert.match(
      JSON.stringify(assess([aPod('Failed', { load: failed(3, ', message: "no such script\\n"') })])),
      /exited with code 3: no such script"/,
    );
  });

  it('names an init container that failed', () => {
    const pod = aPod('Failed', { load: '{waiting: {reason: PodInitializing}}' }, { init: { warm: failed(4) } });

    assert.match(JSON.stringify(assess([pod])), /container warm exited with code 4/);
  });

  it('does not blame a sidecar that was ended after the failure', () => {
    const pod = aPod(
      'Failed',
      { load: failed(1, '', '2026-01-01T10:00:20Z') },
      { init: { proxy: failed(137, '', '2026-01-01T10:00:30Z') } },
    );

    assert.match(JSON.stringify(assess([pod])), /container load exited with code 1/);
  });

  it('says that a container ran out of memory', () => {
    assert.deepEqual(assess([aPod('Failed', { load: failed(137, ', reason: OOMKilled') })]), {
      status: 'Failed',
      reason: 'OOMKilled',
      message: 'container load ran out of memory (exit code 137)',
      infrastructure: false,
    });
  });

  it('says that a container could not even start', () => {
    const pod = aPod('Failed', { load: failed(128, ', reason: StartError, message: "exec: \\"loda\\": not found"') });

    assert.deepEqual(assess([pod]), {
      status: 'Failed',
      reason: 'ContainerCannotRun',
      message: 'container load exited with code 128 (StartError): exec: "loda": not found',
      infrastructure: false,
    });
  });

  it('fails at once when the image cannot be pulled', () => {
    const verdict = assess([aPod('Pending', { load: '{waiting: {reason: ErrImagePull, message: "not found"}}' })]);

    assert.equal(verdict.status, 'Failed');
    assert.match(JSON.stringify(verdict), /not found/);
  });

  describe('when the infrastructure failed', () => {
    const cases: [string, KubeObject, string][] = [
      [
        'an eviction',
        aPod('Failed', { load: failed(137) }, { more: ', reason: Evicted, message: "The node was low on memory"' }),
        'Evicted',
      ],
      [
        'a node that shut down',
        aPod(
          'Failed',
          { load: failed(143) },
          { more: ', reason: Terminated, message: "Pod was terminated in response to imminent node shutdown."' },
        ),
        'Terminated',
      ],
      [
        'a disruption',
        aPod(
          'Failed',
          { load: failed(143) },
          { more: ', conditions: [{type: DisruptionTarget, status: "True", reason: PreemptionByScheduler, message: "preempted"}]' },
        ),
        'PreemptionByScheduler',
      ],
    ];
    for (const [what, pod, reason] of cases) {
      it(`says so: ${what}`, () => {
        const verdict = assessJobPods([pod], ['load'], NOW);

        assert.equal(verdict.status, 'Failed');
        assert.equal(verdict.status === 'Failed' && verdict.reason, reason);
        assert.equal(verdict.status === 'Failed' && verdict.infrastructure, true);
      });
    }
  });

  describe('whose pod is being deleted', () => {
    const metadata = ', deletionTimestamp: "2026-01-01T10:01:00Z"';

    it('waits for what its Job says: the exit code is that of the deletion', () => {
      const pod = aPod('Failed', { load: failed(143) }, { metadata });

      assert.deepEqual(assess([pod]), { status: 'Waiting', message: 'pod load-x is being deleted' });
    });

    it('succeeds all the same when the pod had succeeded', () => {
      assert.equal(assess([aPod('Succeeded', { load: OK }, { metadata })]).status, 'Succeeded');
    });
  });

  describe('whose node does not answer any more', () => {
    const metadata = ', deletionTimestamp: "2026-01-01T10:01:00Z", deletionGracePeriodSeconds: 30';
    const taken = {
      more: ', conditions: [{type: DisruptionTarget, status: "True", reason: DeletionByTaintManager, message: taint}]',
      metadata,
    };
    const after = (seconds: number, pod: KubeObject) => assessJobPods([pod], ['load'], { ...NOW, seenFor: () => seconds * 1_000 });

    it('waits until the pod should be gone, as its node may be slow', () => {
      assert.equal(after(89, aPod('Running', { load: RUNNING }, taken)).status, 'Waiting');
    });

    it('is given up a minute after that, which the infrastructure is to blame for', () => {
      const { pods: _pods, ...verdict } = { pods: [], ...after(90, aPod('Running', { load: RUNNING }, taken)) };

      assert.deepEqual(verdict, { status: 'Failed', reason: 'DeletionByTaintManager', message: 'pod load-x: taint', infrastructure: true });
    });

    it('succeeds when the pod had succeeded', () => {
      assert.equal(after(90, aPod('Succeeded', { load: OK }, taken)).status, 'Succeeded');
    });

    it('is waited for when it was the pod that somebody deleted: its Job tells', () => {
      assert.equal(after(90, aPod('Running', { load: RUNNING }, { metadata })).status, 'Waiting');
    });
  });

  describe('with injected sidecars that never exit', () => {
    it("succeeds when the template's own containers have", () => {
      assert.equal(assess([aPod('Running', { load: OK, proxy: RUNNING })]).status, 'Succeeded');
    });

    it('fails when one of its own has, once all of its own have ended', () => {
      const pod = (probe: string) => aPod('Running', { load: failed(1), probe, proxy: RUNNING });

      assert.equal(assess([pod(RUNNING)], ['load', 'probe']).status, 'Waiting');
      assert.match(JSON.stringify(assess([pod(OK)], ['load', 'probe'])), /container load exited with code 1/);
    });

    it('is not held by a sidecar that was killed in the end', () => {
      assert.equal(assess([aPod('Running', { load: OK, proxy: failed(137) })]).status, 'Succeeded');
    });
  });
});

describe('the window of a trial', () => {
  const ran = (startedAt: string, finishedAt: string) =>
    `{terminated: {exitCode: 0, startedAt: "${startedAt}", finishedAt: "${finishedAt}"}}`;

  it("is from the first start to the last exit of the template's own containers", () => {
    const pod = aPod('Running', {
      load: ran('2026-01-01T10:00:05Z', '2026-01-01T10:01:00Z'),
      probe: ran('2026-01-01T10:00:02Z', '2026-01-01T10:00:30Z'),
      proxy: ran('2026-01-01T09:59:00Z', '2026-01-01T10:09:00Z'),
    });

    assert.deepEqual(trialWindow([pod], ['load', 'probe'], 0), {
      startTime: '2026-01-01T10:00:02.000Z',
      completionTime: '2026-01-01T10:01:00.000Z',
    });
  });

  it('begins later by the offset', () => {
    const pod = aPod('Succeeded', { load: ran('2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z') });

    assert.equal(trialWindow([pod], ['load'], 10_500)?.startTime, '2026-01-01T10:00:10.500Z');
  });

  it('is empty, never negative, when the offset is longer than the run', () => {
    const pod = aPod('Succeeded', { load: ran('2026-01-01T10:00:00Z', '2026-01-01T10:00:04Z') });

    assert.deepEqual(trialWindow([pod], ['load'], 10_000), {
      startTime: '2026-01-01T10:00:04.000Z',
      completionTime: '2026-01-01T10:00:04.000Z',
    });
  });

  it('covers all pods of a Job that has several', () => {
    const pods = [
      aPod('Succeeded', { load: ran('2026-01-01T10:00:00Z', '2026-01-01T10:01:00Z') }),
      aPod('Succeeded', { load: ran('2026-01-01T10:02:00Z', '2026-01-01T10:03:00Z') }),
    ];

    assert.deepEqual(trialWindow(pods, ['load'], 0), { startTime: '2026-01-01T10:00:00.000Z', completionTime: '2026-01-01T10:03:00.000Z' });
  });

  it('is unknown when no container tells', () => {
    assert.equal(trialWindow([aPod('Succeeded', {})], ['load'], 0), undefined);
  });
});

describe('a failure that is settled before the pod has ended', () => {
  const settled = (pod: KubeObject, containers = ['load', 'probe']) => {
    const verdict = settledFailure([pod], containers);
    return verdict?.status === 'Failed' ? [verdict.reason, verdict.message, verdict.infrastructure] : verdict;
  };

  it('is that of a container which failed beside one that runs on', () => {
    const pod = aPod('Running', { load: failed(1), probe: RUNNING });

    assert.deepEqual(settled(pod), ['ContainerFailed', 'container load exited with code 1', false]);
  });

  it('is that of a container which is begun anew', () => {
    const pod = aPod('Running', { load: RUNNING });
    pod['status'].containerStatuses[0].lastState = { terminated: { exitCode: 3, finishedAt: '2026-01-01T10:00:30Z' } };

    assert.deepEqual(settled(pod, ['load']), ['ContainerFailed', 'container load exited with code 3', false]);
  });

  it('is not that of a container which a signal ended, as when its node goes', () => {
    assert.equal(settled(aPod('Running', { load: failed(137), probe: RUNNING })), undefined);
    assert.deepEqual(settled(aPod('Running', { load: failed(137, ', reason: OOMKilled') }), ['load']), [
      'OOMKilled',
      'container load ran out of memory (exit code 137)',
      false,
    ]);
  });

  it('is not that of a sidecar, injected or declared', () => {
    const pod = aPod('Running', { load: RUNNING, proxy: failed(1) }, { init: { mesh: failed(1) } });
    pod['spec'].initContainers = [{ name: 'mesh', restartPolicy: 'Always' }];

    assert.equal(settled(pod, ['load']), undefined);
  });
});

describe('the images of pods', () => {
  it('are named by container and digest, sorted and once', () => {
    const pod = fromYaml(`
      apiVersion: v1
      kind: Pod
      metadata: {name: load-x}
      status:
        containerStatuses:
          - {name: probe, imageID: "docker-pullable://registry.example/probe@sha256:22"}
          - {name: load, imageID: "registry.example/load@sha256:11"}
          - {name: late, imageID: ""}
    `);

    assert.deepEqual(podImages([pod, pod]), ['load: registry.example/load@sha256:11', 'probe: registry.example/probe@sha256:22']);
  });
});
