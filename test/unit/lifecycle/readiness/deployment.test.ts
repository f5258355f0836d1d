import assert from 'node:assert/strict';
import { assessRollout } from '../../../../runner/lifecycle/readiness/assess-rollout.ts';
import { fromYaml } from '../../../support/from-yaml.ts';

const aDeployment = ({ spec = '{replicas: 2}', status = '{}', metadata = '' } = {}) =>
  fromYaml(`
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: api, generation: 3${metadata}}
    spec: ${spec}
    status: ${status}
  `);

describe('the rollout of a Deployment', () => {
  const cases: { when: string; spec?: string; status: string; says: string }[] = [
    {
      when: 'the spec was not observed',
      status: '{observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2}',
      says: 'Observed generation 2/3',
    },
    { when: 'there is no status yet', status: '{}', says: 'Observed generation 0/3' },
    {
      when: 'new pods are to be created',
      status: '{observedGeneration: 3, replicas: 2, updatedReplicas: 1, availableReplicas: 2}',
      says: 'Updated 1/2',
    },
    {
      when: 'an old pod is still there',
      status: '{observedGeneration: 3, replicas: 3, updatedReplicas: 2, availableReplicas: 3}',
      says: '1 old pod not gone yet',
    },
    {
      when: 'a new pod is not available',
      status: '{observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 1}',
      says: 'Available 1/2',
    },
    {
      when: 'pods are scaled while it is paused',
      spec: '{replicas: 2, paused: true}',
      status: '{observedGeneration: 3, replicas: 1, updatedReplicas: 1}',
      says: 'Updated 1/2',
    },
  ];
  for (const { when, spec, status, says } of cases) {
    it(`waits while ${when}`, () => {
      const readiness = assessRollout(aDeployment({ status, ...(spec && { spec }) }), {});

      assert.deepEqual(readiness, { status: 'Waiting', message: says });
    });
  }

  it('is ready when every pod is updated and available', () => {
    const deployment = aDeployment({
      status: '{observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2}',
    });

    assert.deepEqual(assessRollout(deployment, {}), { status: 'Ready' });
  });

  it('is ready with no replicas once none is left', () => {
    assert.deepEqual(assessRollout(aDeployment({ spec: '{replicas: 0}', status: '{observedGeneration: 3}' }), {}), {
      status: 'Ready',
    });
  });

  it('waits for the generation that the patch returned when the read is older than that', () => {
    const deployment = aDeployment({
      status: '{observedGeneration: 3, replicas: 2, updatedReplicas: 2, availableReplicas: 2}',
    });

    assert.deepEqual(assessRollout(deployment, { appliedGeneration: 4 }), {
      status: 'Waiting',
      message: 'Observed generation 3/4',
    });
  });

  it('says why pods cannot be created', () => {
    const deployment = aDeployment({
      status: `{observedGeneration: 3, conditions: [{type: ReplicaFailure, status: "True", reason: FailedCreate, message: exceeded quota}]}`,
    });

    assert.deepEqual(assessRollout(deployment, {}), {
      status: 'Waiting',
      message: 'Updated 0/2, FailedCreate: exceeded quota',
    });
  });

  it('fails when it is paused over old pods', () => {
    const deployment = aDeployment({
      spec: '{replicas: 2, paused: true}',
      status: '{observedGeneration: 3, replicas: 2, availableReplicas: 2}',
    });

    assert.deepEqual(assessRollout(deployment, {}), {
      status: 'Failed',
      reason: 'RolloutPaused',
      message: 'is paused, so 2 pods would keep the old settings; resume it or unset spec.paused',
    });
  });

  it('fails when it is being deleted', () => {
    const readiness = assessRollout(aDeployment({ metadata: ', deletionTimestamp: "2026-03-01T10:00:00Z"' }), {});

    assert.deepEqual(readiness, { status: 'Failed', reason: 'Terminating', message: 'is being deleted' });
  });

  describe('whose progress deadline was exceeded', () => {
    const exceeded = `{observedGeneration: 3, replicas: 2, updatedReplicas: 1, conditions: [
      {type: Progressing, status: "False", reason: ProgressDeadlineExceeded, message: timed out, lastUpdateTime: "2026-03-01T10:00:00Z"}]}`;
    const patchedAt = (time: string, subresource = '') =>
      `, managedFields: [{manager: fieldtrial, operation: Update, time: "${time}"${subresource}}, {manager: kube-controller-manager, time: "2026-03-01T12:00:00Z"}]`;

    it('fails', () => {
      const readiness = assessRollout(aDeployment({ status: exceeded }), {});

      assert.deepEqual(readiness, {
        status: 'Failed',
        reason: 'ProgressDeadlineExceeded',
        message: 'exceeded its progress deadline: timed out',
      });
    });

    it('fails when that was after our patch', () => {
      const readiness = assessRollout(aDeployment({ status: exceeded, metadata: patchedAt('2026-03-01T09:50:00Z') }), {});

      assert.equal(readiness?.status, 'Failed');
    });

    it('waits when that was before our patch', () => {
      const readiness = assessRollout(aDeployment({ status: exceeded, metadata: patchedAt('2026-03-01T10:00:05Z') }), {});

      assert.deepEqual(readiness, { status: 'Waiting', message: 'Updated 1/2' });
    });
  });
});

describe('the rollout of another kind', () => {
  it('is undefined', () => {
    assert.equal(assessRollout(fromYaml('{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}'), {}), undefined);
  });

  it('is undefined for a kind of the same name in another group', () => {
    assert.equal(assessRollout(fromYaml('{apiVersion: example.com/v1, kind: Deployment, metadata: {name: api}}'), {}), undefined);
  });
});
