import assert from 'node:assert/strict';

import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { podThat, type Behavior } from './pod-templates.ts';
import type { Workbench } from './workbench.ts';

export function describeJobs(bench: Workbench): void {
  const jobNamed = (name: string) => ({ apiVersion: 'batch/v1', kind: 'Job', name });
  const podsOf = (name: string) => bench.list('v1', 'Pod', `batch.kubernetes.io/job-name=${name}`);
  const untilPodsAreGone = (name: string) => bench.poll(async () => ((await podsOf(name)).length === 0 ? true : undefined));

  function createJob(behavior: Behavior, spec: Record<string, unknown> = {}): Promise<KubeObject> {
    const metadata = { name: bench.name() };
    return bench.create({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { ...spec, template: podThat(behavior) } });
  }

  it('completes: SuccessCriteriaMet with the pod uncounted, then Complete with it counted', async () => {
    const job = await createJob({ seconds: 1 });

    const states = await bench.statesUntil(job, isFinished);

    const [pod] = await podsOf(job.metadata.name);
    const [decided, complete] = states.slice(-2).map(({ status }) => status);
    assert.deepEqual(decided.conditions.map(summary), ['SuccessCriteriaMet=True CompletionsReached']);
    assert.deepEqual(decided.uncountedTerminatedPods, { succeeded: [pod!.metadata.uid] });
    assert.equal(decided.succeeded, undefined);
    assert.deepEqual(complete.conditions.map(summary), ['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached']);
    assert.equal(complete.conditions[1].message, 'Reached expected number of succeeded pods');
    const { conditions, startTime, completionTime, ...counts } = complete;
    assert.deepEqual(counts, { ready: 0, succeeded: 1, terminating: 0, uncountedTerminatedPods: {} });
    assert.equal(completionTime, conditions[1].lastTransitionTime);
    assert.ok(startTime <= completionTime);
  });

  it('is active, then ready, while its pod runs', async () => {
    const job = await createJob({ seconds: 1 });

    const states = await bench.statesUntil(job, isFinished);

    const running = states.map(({ status }) => `${status.active ?? 0} active, ${status.ready ?? 0} ready`);
    assert.deepEqual(withoutRepetition(running), [
      '0 active, 0 ready',
      '1 active, 0 ready',
      '1 active, 1 ready',
      '1 active, 0 ready',
      '0 active, 0 ready',
    ]);
  });

  it('makes pods that carry its name and uid, and keeps them by a finalizer until they are counted', async () => {
    const job = await createJob({ seconds: 1 });
    const { name, uid } = job.metadata;

    const pod = await bench.poll(async () => (await podsOf(name))[0]);
    await bench.until(jobNamed(name), isFinished);

    const [counted] = await podsOf(name);
    assert.match(pod.metadata.name, new RegExp(`^${name}-[a-z0-9]{5}$`));
    assert.equal(pod.metadata['generateName'], `${name}-`);
    assert.deepEqual(pod.metadata.labels, {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': name,
      'controller-uid': uid,
      'job-name': name,
    });
    assert.deepEqual(pod.metadata['ownerReferences'], [
      { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true, blockOwnerDeletion: true },
    ]);
    assert.deepEqual(pod.metadata['finalizers'], ['batch.kubernetes.io/job-tracking']);
    assert.equal(counted!.metadata['finalizers'], undefined);
  });

  it('fails at its backoffLimit: FailureTarget, then Failed', async () => {
    const job = await createJob({ seconds: 1, exitCode: 3 }, { backoffLimit: 0 });

    const states = await bench.statesUntil(job, isFinished);

    const [decided, failed] = states.slice(-2).map(({ status }) => status);
    assert.deepEqual(decided.conditions.map(summary), ['FailureTarget=True BackoffLimitExceeded']);
    assert.deepEqual(failed.conditions.map(summary), ['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
    assert.equal(failed.conditions[1].message, 'Job has reached the specified backoff limit');
    assert.equal(failed.failed, 1);
    assert.equal(failed.completionTime, undefined);
  });

  it('fails at its deadline, deletes its pod, and is Failed only when that has ended', async () => {
    const job = await createJob({ seconds: 1000 }, { activeDeadlineSeconds: 2 });

    const states = await bench.statesUntil(job, isFinished);

    const { conditions, ...counts } = states.at(-1)!.status;
    assert.deepEqual(conditions.map(summary), ['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded']);
    assert.equal(conditions[1].message, 'Job was active longer than specified deadline');
    const { startTime, ...rest } = counts;
    assert.deepEqual(rest, { failed: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    assert.ok(startTime);
    assert.ok(states.some(({ status }) => status.terminating === 1));
    await untilPodsAreGone(job.metadata.name);
  });

  it('counts restarts of containers where they are restarted in place', async () => {
    const job = await createJob({ seconds: 1, exitCode: 3, restartPolicy: 'OnFailure' }, { backoffLimit: 0 });

    const { status } = await bench.until(jobNamed(job.metadata.name), isFinished);

    assert.deepEqual(status.conditions.map(summary), ['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
    assert.equal(status.failed, 1);
    await untilPodsAreGone(job.metadata.name);
  });

  it('fails at once by a rule of its podFailurePolicy', async () => {
    const rule = { action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [42] } };
    const job = await createJob({ seconds: 1, exitCode: 42 }, { podFailurePolicy: { rules: [rule] } });

    const { status } = await bench.until(jobNamed(job.metadata.name), isFinished);

    const [pod] = await podsOf(job.metadata.name);
    const where = `${bench.namespace()}/${pod!.metadata.name}`;
    assert.deepEqual(status.conditions.map(summary), ['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy']);
    assert.equal(status.conditions[0].message, `Container main for pod ${where} failed with exit code 42 matching FailJob rule at index 0`);
  });

  it('runs as many pods at once as parallelism says, until completions have succeeded', async () => {
    const job = await createJob({ seconds: 1 }, { completions: 3, parallelism: 2 });

    const states = await bench.statesUntil(job, isFinished);

    assert.equal(Math.max(...states.map(({ status }) => status.active ?? 0)), 2);
    assert.equal(states.at(-1)!.status.succeeded, 3);
    assert.equal((await podsOf(job.metadata.name)).length, 3);
  });

  it('runs a pod for each index, and tells it which, when its completion mode is Indexed', async () => {
    const job = await createJob({ seconds: 1 }, { completionMode: 'Indexed', completions: 3, parallelism: 2 });
    const { name, uid } = job.metadata;

    const { status } = await bench.until(jobNamed(name), isFinished);

    const pods = (await podsOf(name)).toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
    const index = 'batch.kubernetes.io/job-completion-index';
    const { conditions, startTime, completionTime, ...counts } = status;
    assert.deepEqual(conditions.map(summary), ['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached']);
    assert.deepEqual(counts, { completedIndexes: '0-2', ready: 0, succeeded: 3, terminating: 0, uncountedTerminatedPods: {} });
    assert.ok(startTime <= completionTime);
    assert.equal(pods.length, 3);
    for (const [number, { metadata, spec }] of pods.entries()) {
      assert.match(metadata.name, new RegExp(`^${name}-${number}-[a-z0-9]{5}$`));
      assert.equal(metadata['generateName'], `${name}-${number}-`);
      assert.equal(metadata.annotations![index], String(number));
      assert.deepEqual(metadata.labels, {
        'batch.kubernetes.io/controller-uid': uid,
        [index]: String(number),
        'batch.kubernetes.io/job-name': name,
        'controller-uid': uid,
        'job-name': name,
      });
      assert.equal(spec.hostname, `${name}-${number}`);
      assert.deepEqual(spec.containers[0].env, [
        { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${index}']` } } },
      ]);
    }
  });

  it('is left alone when it says that somebody else manages it', async () => {
    const managed = await createJob({ seconds: 1 }, { managedBy: 'example.com/queue' });
    const other = await createJob({ seconds: 1 }, { managedBy: 'kubernetes.io/job-controller' });

    await bench.until(jobNamed(other.metadata.name), isFinished);

    const { status = {} } = (await bench.read(jobNamed(managed.metadata.name)))!;
    assert.deepEqual(status, {});
    assert.deepEqual(await podsOf(managed.metadata.name), []);
  });

  it('waits while it is suspended, and starts its clock when it is resumed', async () => {
    const job = await createJob({ seconds: 1 }, { suspend: true });
    const selection = jobNamed(job.metadata.name);

    const suspended = await bench.until(selection, ({ status }) => status.conditions?.length > 0);
    await bench.patch(selection, { spec: { suspend: false } });
    const complete = await bench.until(selection, isFinished);

    assert.deepEqual(suspended.status.conditions.map(summary), ['Suspended=True JobSuspended']);
    assert.equal(suspended.status.startTime, undefined);
    assert.deepEqual(complete.status.conditions.map(summary), [
      'Suspended=False JobResumed',
      'SuccessCriteriaMet=True CompletionsReached',
      'Complete=True CompletionsReached',
    ]);
    assert.ok(complete.status.startTime);
  });

  it('goes with its pods when its time to live is over', async () => {
    const job = await createJob({ seconds: 1 }, { ttlSecondsAfterFinished: 1 });

    await bench.untilGone(jobNamed(job.metadata.name));

    assert.deepEqual(await podsOf(job.metadata.name), []);
  });

  it('is gone before its pods when it is deleted in the background', async () => {
    const job = await createJob({ seconds: 1000 });
    const { name } = job.metadata;
    await bench.until(jobNamed(name), ({ status }) => status.ready === 1);

    await bench.remove(jobNamed(name), 'Background');
    const after = await bench.read(jobNamed(name));
    await untilPodsAreGone(name);

    assert.equal(after, undefined);
  });

  it('stays until its pods are gone when it is deleted in the foreground', async () => {
    const job = await createJob({ seconds: 1000 });
    const { name } = job.metadata;
    const running = await bench.until(jobNamed(name), ({ status }) => status.ready === 1);

    await bench.remove(jobNamed(name), 'Foreground');
    const states = await bench.statesUntil(running, ({ metadata }) => metadata.deletionTimestamp !== undefined);
    await bench.untilGone(jobNamed(name));

    assert.deepEqual(states.at(-1)!.metadata['finalizers'], ['foregroundDeletion']);
    assert.deepEqual(await podsOf(name), []);
  });

  it('leaves its pods behind, without owner and finalizer, when they are to be orphaned', async () => {
    const job = await createJob({ seconds: 1000 });
    const { name } = job.metadata;
    await bench.until(jobNamed(name), ({ status }) => status.ready === 1);
    const [pod] = await podsOf(name);

    await bench.remove(jobNamed(name), 'Orphan');
    await bench.untilGone(jobNamed(name));
    const left = { apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name };
    const orphan = await bench.until(left, ({ metadata }) => metadata['finalizers'] === undefined);
    await bench.remove(left);

    assert.equal(orphan.metadata.uid, pod!.metadata.uid);
    assert.equal(orphan.metadata['ownerReferences'], undefined);
    assert.equal(orphan.metadata.deletionTimestamp, undefined);
    assert.equal(orphan.status.phase, 'Running');
  });

  it('tells of a pod that a quota refuses', async () => {
    const { job, refused } = await bench.withoutPods('no-pods', async () => {
      const created = await createJob({ seconds: 1 });
      const event = await bench.poll(async () =>
        (await bench.list('v1', 'Event')).find(
          (each) => each['involvedObject'].name === created.metadata.name && each['reason'] === 'FailedCreate',
        ),
      );
      return { job: created, refused: event };
    });

    const { status } = await bench.until(jobNamed(job.metadata.name), isFinished);
    assert.match(
      refused['message'],
      new RegExp(
        `^Error creating: pods "${job.metadata.name}-[a-z0-9]{5}" is forbidden: ` +
          'exceeded quota: no-pods, requested: pods=1, used: pods=\\d+, limited: pods=0$',
      ),
    );
    assert.equal(refused['type'], 'Warning');
    assert.equal(status.succeeded, 1);
  });
}

function isFinished({ status }: KubeObject): boolean {
  return status?.conditions?.some(({ type }: any) => type === 'Complete' || type === 'Failed') === true;
}

function summary({ type, status, reason }: any): string {
  return `${type}=${status} ${reason}`;
}

function withoutRepetition(values: readonly string[]): string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}
