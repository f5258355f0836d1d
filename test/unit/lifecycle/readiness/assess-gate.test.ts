import assert from 'node:assert/strict';
import { assessCondition, type GateContext } from '../../../../runner/lifecycle/readiness/assess-gate.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const context: GateContext = { pods: [], seenFor: () => 0, unschedulableGrace: 0 };

const aStatefulSet = (status = '{observedGeneration: 1, replicas: 1, updatedReplicas: 1, updateRevision: b, currentRevision: b}') =>
  fromYaml(`{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, generation: 1}, spec: {replicas: 1}, status: ${status}}`);

const aPod = (status: string, revision = 'b') =>
  fromYaml(
    `{apiVersion: v1, kind: Pod, metadata: {name: db-0, labels: {controller-revision-hash: ${revision}}}, spec: {restartPolicy: Always}, status: ${status}}`,
  );

const READY_POD = '{phase: Running, conditions: [{type: Ready, status: "True"}]}';
const BROKEN_POD = '{phase: Pending, containerStatuses: [{name: app, ready: false, state: {waiting: {reason: InvalidImageName}}}]}';

const aCustomObject = (status: string) =>
  fromYaml(`{apiVersion: example.com/v1, kind: Database, metadata: {name: main, generation: 2}, status: ${status}}`);

describe('a readiness gate', () => {
  describe('always-true', () => {
    it('is ready for whatever exists', () => {
      assert.deepEqual(assessCondition(aCustomObject('{}'), 'fieldtrial.dev/always-true', context), {
        status: 'Ready',
      });
    });
  });

  describe('pod-ready', () => {
    it('is ready when the pods are', () => {
      const readiness = assessCondition(aStatefulSet(), 'fieldtrial.dev/pod-ready', {
        ...context,
        pods: [aPod(READY_POD)],
      });

      assert.deepEqual(readiness, { status: 'Ready' });
    });

    it('fails with a pod that will not recover', () => {
      const readiness = assessCondition(aStatefulSet(), 'fieldtrial.dev/pod-ready', {
        ...context,
        pods: [aPod(BROKEN_POD)],
      });

      assert.deepEqual(readiness, {
        status: 'Failed',
        reason: 'ImagePullFailed',
        message: 'pod db-0: container app: InvalidImageName',
      });
    });

    it('only waits for a broken pod of the previous revision', () => {
      const readiness = assessCondition(aStatefulSet(), 'fieldtrial.dev/pod-ready', {
        ...context,
        pods: [aPod(BROKEN_POD, 'a')],
      });

      assert.deepEqual(readiness, { status: 'Waiting', message: 'pod db-0: container app: InvalidImageName' });
    });

    it('asks a pod itself', () => {
      const readiness = assessCondition(aPod('{phase: Pending}'), 'fieldtrial.dev/pod-ready', context);

      assert.deepEqual(readiness, { status: 'Waiting', message: 'pod db-0: not ready (Pending)' });
    });
  });

  describe('rollout-status', () => {
    it('follows the rollout', () => {
      assert.deepEqual(assessCondition(aStatefulSet(), 'fieldtrial.dev/rollout-status', context), {
        status: 'Waiting',
        message: 'Available 0/1',
      });
    });

    it('fails for a kind without one', () => {
      const readiness = assessCondition(aCustomObject('{}'), 'fieldtrial.dev/rollout-status', context);

      assert.deepEqual(readiness, {
        status: 'Failed',
        reason: 'ReadinessCheckFailed',
        message: 'Database has no rollout, so fieldtrial.dev/rollout-status cannot be assessed',
      });
    });
  });

  describe('app-ready', () => {
    it('fails when a pod of the new revision will not recover', () => {
      const readiness = assessCondition(aStatefulSet(), 'fieldtrial.dev/app-ready', {
        ...context,
        pods: [aPod(BROKEN_POD)],
      });

      assert.equal(readiness.status === 'Failed' && readiness.reason, 'ImagePullFailed');
    });

    it('says what the pods wait for besides', () => {
      const pods = [
        aPod('{phase: Pending, containerStatuses: [{name: app, ready: false, state: {waiting: {reason: ContainerCreating}}}]}'),
      ];

      const readiness = assessCondition(aStatefulSet(), 'fieldtrial.dev/app-ready', { ...context, pods });

      assert.deepEqual(readiness, {
        status: 'Waiting',
        message: 'Available 0/1; pod db-0: container app: ContainerCreating',
      });
    });

    it('is ready for a kind without rollout and pods, such as a patched ConfigMap', () => {
      const settings = fromYaml('{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}');

      assert.deepEqual(assessCondition(settings, 'fieldtrial.dev/app-ready', context), { status: 'Ready' });
    });
  });

  describe('app-ready of a custom resource', () => {
    const cases: [what: string, status: string, expected: string][] = [
      ['is ready when it says nothing', '{}', 'Ready'],
      ['is ready when it is Ready', '{observedGeneration: 2, conditions: [{type: Ready, status: "True"}]}', 'Ready'],
      ['is ready when it is Available', '{conditions: [{type: Available, status: "True"}]}', 'Ready'],
      [
        'waits until its controller has seen the patch',
        '{observedGeneration: 1, conditions: [{type: Ready, status: "True"}]}',
        'Observed generation 1/2',
      ],
      [
        'waits while Ready is False',
        '{conditions: [{type: Ready, status: "False", message: resizing}]}',
        'Condition Ready is False: resizing',
      ],
      [
        'waits while Available is Unknown',
        '{conditions: [{type: Available, status: Unknown, reason: Starting}]}',
        'Condition Available is Unknown: Starting',
      ],
      [
        'waits while Ready is of an older generation',
        '{conditions: [{type: Ready, status: "True", observedGeneration: 1}]}',
        'Condition Ready is of an older generation',
      ],
      [
        'waits while it is Reconciling, whatever Ready says',
        '{conditions: [{type: Ready, status: "True"}, {type: Reconciling, status: "True", message: rolling}]}',
        'Condition Reconciling is True: rolling',
      ],
      [
        'fails when it is Stalled',
        '{conditions: [{type: Stalled, status: "True", message: no disk}]}',
        'Stalled: Condition Stalled is True: no disk',
      ],
      [
        'does not mind that it was Stalled before the patch',
        '{conditions: [{type: Stalled, status: "True", observedGeneration: 1}]}',
        'Ready',
      ],
    ];
    for (const [what, status, expected] of cases) {
      it(what, () => {
        const readiness = assessCondition(aCustomObject(status), 'fieldtrial.dev/app-ready', context);

        const said =
          readiness.status === 'Failed'
            ? `${readiness.reason}: ${readiness.message}`
            : readiness.status === 'Waiting'
              ? readiness.message
              : 'Ready';
        assert.equal(said, expected);
      });
    }
  });

  describe('status-<field>-<value>', () => {
    const cases: [status: string, type: string, expected: string][] = [
      ['{phase: Running}', 'status-phase-running', 'Ready'],
      ['{readyReplicas: 2}', 'status-readyReplicas-2', 'Ready'],
      ['{bound: true}', 'status-bound-true', 'Ready'],
      ['{mode: read-only}', 'status-mode-read-only', 'Ready'],
      ['{phase: Pending, message: Testing}', 'status-phase-running', 'Testing'],
      ['{phase: Pending}', 'status-phase-running', 'status.phase is Pending, waiting for running'],
      ['{phase: {}}', 'status-phase-running', 'status.phase is not set, waiting for running'],
      ['{}', 'status-phase-running', 'status.phase is not set, waiting for running'],
      ['{phase: Running, observedGeneration: 1}', 'status-phase-running', 'Observed generation 1/2'],
    ];
    for (const [status, type, expected] of cases) {
      it(`${type} with ${status}: ${expected}`, () => {
        const readiness = assessCondition(aCustomObject(status), `fieldtrial.dev/${type}`, context);

        assert.equal(readiness.status === 'Ready' ? 'Ready' : readiness.message, expected);
      });
    }

    it('waits for an object that has no status at all', () => {
      const readiness = assessCondition(
        fromYaml('{apiVersion: v1, kind: Pod, metadata: {name: p}}'),
        'fieldtrial.dev/status-phase-running',
        context,
      );

      assert.equal(readiness.status, 'Waiting');
    });

    it('fails without a value', () => {
      assert.deepEqual(assessCondition(aCustomObject('{}'), 'fieldtrial.dev/status-phase', context), {
        status: 'Failed',
        reason: 'ReadinessCheckFailed',
        message: 'condition type fieldtrial.dev/status-phase must be fieldtrial.dev/status-<field>-<value>',
      });
    });
  });

  describe('of a plain condition', () => {
    const cases: [what: string, status: string, expected: string][] = [
      ['is ready when it is True', '{conditions: [{type: Ready, status: "True"}]}', 'Ready'],
      [
        'waits while it is False',
        '{conditions: [{type: Ready, status: "False", message: starting}]}',
        'Condition Ready is False: starting',
      ],
      ['waits while it is not there', '{conditions: []}', 'Condition Ready is not set'],
      ['waits while there is no status', '{}', 'Condition Ready is not set'],
      [
        'waits while it is of an older generation',
        '{conditions: [{type: Ready, status: "True", observedGeneration: 1}]}',
        'Observed generation 1/2',
      ],
      [
        'waits while the status is of an older generation',
        '{observedGeneration: 1, conditions: [{type: Ready, status: "True"}]}',
        'Observed generation 1/2',
      ],
    ];
    for (const [what, status, expected] of cases) {
      it(what, () => {
        const readiness = assessCondition(aCustomObject(status), 'Ready', context);

        assert.equal(readiness.status === 'Ready' ? 'Ready' : readiness.message, expected);
      });
    }
  });

  it('fails for a type of ours that does not exist', () => {
    const readiness = assessCondition(aCustomObject('{}'), 'fieldtrial.dev/app-redy', context);

    assert.match(
      readiness.status === 'Failed' ? readiness.message : '',
      /^condition type fieldtrial.dev\/app-redy is none of fieldtrial.dev\/always-true, /,
    );
  });
});
