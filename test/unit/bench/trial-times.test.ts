import assert from 'node:assert/strict';
import type { AuditEvent } from '../../../bench/audit.ts';
import { conflicts, pauses, reactions, requestsPerTrial, throughput, trialTimes } from '../../../bench/trial-times.ts';

const RUNNER = 'system:serviceaccount:bench:runner';

describe('the times of trials in an audit log', () => {
  it('go from the request for the Job to the final phase of its pod', () => {
    const times = trialTimes([created('plain-001', 1), succeeded('plain-001-x7k2p', 3)], RUNNER);

    assert.deepEqual(times, [{ slot: 'slot-01', job: 'plain-001', created: 1_000, ended: 3_000 }]);
  });

  it("leave out others' Jobs, setup Jobs and trials that have not ended", () => {
    const events = [
      { ...created('floor-001', 1), user: { username: 'somebody else' } },
      succeeded('floor-001-aaaaa', 2),
      created('setup-001-create', 3),
      succeeded('setup-001-create-bbbbb', 4),
      created('plain-001', 5),
    ];

    assert.deepEqual(trialTimes(events, RUNNER), []);
  });

  it('know when the rollout before the Job was ready: its first complete status after the patch', () => {
    const events = [
      deploymentStatus(0.5, { observedGeneration: 1, generation: 1 }),
      patched(1),
      deploymentStatus(2, { observedGeneration: 2, generation: 2, updatedReplicas: 0 }),
      deploymentStatus(3, { observedGeneration: 2, generation: 2 }),
      deploymentStatus(4, { observedGeneration: 2, generation: 2 }),
      created('rollout-001', 5),
      succeeded('rollout-001-ccccc', 6),
    ];

    const times = trialTimes(events, RUNNER);

    assert.deepEqual(reactions(times), [2]);
  });

  it("give the pause between a slot's trials, without the rollout, from the second on", () => {
    const events = [
      created('rollout-001', 1),
      succeeded('rollout-001-ddddd', 2),
      created('rollout-002', 9),
      succeeded('rollout-002-eeeee', 10),
      patched(11),
      deploymentStatus(15, { observedGeneration: 2, generation: 2 }),
      created('rollout-003', 16),
      succeeded('rollout-003-fffff', 17),
      ...[created('rollout-004', 20), succeeded('rollout-004-ggggg', 21)].map((event) => inSlot('slot-02', event)),
    ];

    assert.deepEqual(pauses(trialTimes(events, RUNNER)), [2]);
  });

  it('add up to the throughput of all slots', () => {
    const events = [created('plain-001', 0), succeeded('plain-001-ggggg', 1), created('plain-002', 2), succeeded('plain-002-hhhhh', 3)];
    const both = [...events, ...events.map((event) => inSlot('slot-02', event))];

    assert.equal(throughput(trialTimes(both, RUNNER)), 1);
  });

  it('bound the requests that count for a trial', () => {
    const events = [
      request('update', 'leases', 0),
      created('plain-001', 1),
      request('update', 'leases', 2),
      succeeded('plain-001-iiiii', 3),
      request('delete', 'jobs', 4),
      request('update', 'leases', 5),
      created('plain-002', 6),
      request('update', 'leases', 7),
      succeeded('plain-002-jjjjj', 8),
    ];

    const requests = requestsPerTrial(events, trialTimes(events, RUNNER), RUNNER);

    assert.deepEqual(requests, { 'update leases': 2, 'create jobs': 1, 'delete jobs': 1 });
  });

  it('have conflicts beside them', () => {
    const conflict = { ...request('update', 'leases', 1), responseStatus: { code: 409 } };

    assert.equal(conflicts([conflict, { ...conflict, user: { username: 'somebody else' } }, request('update', 'leases', 2)], RUNNER), 1);
  });
});

function request(verb: string, resource: string, seconds: number, name = 'any'): AuditEvent {
  const at = new Date(seconds * 1000).toISOString();
  const objectRef = { resource, namespace: 'slot-01', name };
  return { verb, user: { username: RUNNER }, objectRef, responseStatus: { code: 200 }, requestReceivedTimestamp: at, stageTimestamp: at };
}

function created(job: string, seconds: number): AuditEvent {
  return request('create', 'jobs', seconds, job);
}

function patched(seconds: number): AuditEvent {
  return request('patch', 'deployments', seconds, 'app');
}

function succeeded(pod: string, seconds: number): AuditEvent {
  const event = request('patch', 'pods', seconds, pod);
  return {
    ...event,
    user: { username: 'kubelet' },
    objectRef: { ...event.objectRef!, subresource: 'status' },
    requestObject: { status: { phase: 'Succeeded' } },
  };
}

function deploymentStatus(
  seconds: number,
  { generation, ...status }: { generation: number; observedGeneration: number; updatedReplicas?: number },
): AuditEvent {
  const event = request('update', 'deployments', seconds, 'app');
  const requestObject = {
    metadata: { generation },
    spec: { replicas: 1 },
    status: { replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...status },
  };
  return { ...event, user: { username: 'controller' }, objectRef: { ...event.objectRef!, subresource: 'status' }, requestObject };
}

function inSlot(namespace: string, event: AuditEvent): AuditEvent {
  return { ...event, objectRef: { ...event.objectRef!, namespace } };
}
