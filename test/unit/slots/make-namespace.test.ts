import assert from 'node:assert/strict';
import { ClusterError } from '../../../runner/cluster/errors.ts';
import type { KubeObject } from '../../../runner/cluster/port.ts';
import type { RunEvent } from '../../../runner/progress/events.ts';
import { makeNamespace } from '../../../runner/slots/make-namespace.ts';
import { namespaceOf, type NamespacePlan } from '../../../runner/slots/plan-namespace.ts';
import { fakeCluster, type FakeCluster } from '../../support/fake-cluster.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { whileTimePasses } from '../../support/while-time-passes.ts';

const { signal } = new AbortController();
const RULES = [{ apiGroup: 'batch', resource: 'jobs', verb: 'create' }];

describe('making a slot of a namespace', () => {
  let events: RunEvent[];
  let stored: FakeCluster;

  beforeEach(() => {
    events = [];
    stored = fakeCluster();
  });

  const existing: NamespacePlan = {
    slot: 'shop-1',
    experiment: 'sizing',
    accounts: ['fieldtrial-setup'],
    setupRole: 'fieldtrial-setup',
    slotRole: 'fieldtrial-slot',
    rules: RULES,
  };
  const plan: NamespacePlan = { ...existing, namespace: namespaceOf('shop-1', { name: 'sizing' }, {}) };

  /** On a cluster that grants the rules from the n-th time on that it is asked. */
  async function make(wanted = plan, grantedAt = 1, username = 'system:serviceaccount:tools:runner'): Promise<boolean> {
    const clock = manualClock();
    let asked = 0;
    const create: FakeCluster['create'] = async (object, scoped) => {
      if (object.kind === 'SelfSubjectReview') return { ...object, metadata: { name: '' }, status: { userInfo: { username } } };
      if (object.kind === 'SelfSubjectRulesReview') return { ...object, metadata: { name: '' } };
      if (object.kind !== 'SelfSubjectAccessReview') return stored.create(object, scoped);
      asked += 1;
      return { ...object, metadata: { name: '' }, status: { allowed: asked >= grantedAt } };
    };
    const making = makeNamespace(wanted, { cluster: { create }, clock, emit: (event) => void events.push(event) }, signal);
    return whileTimePasses(making, clock);
  }

  /** What binds a runner to the role of slots. */
  async function bindings(): Promise<KubeObject[]> {
    const { items } = await stored.list({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', namespace: 'shop-1' }, signal);
    return items.filter(({ roleRef }) => roleRef.name === 'fieldtrial-slot');
  }

  it('creates it, then the accounts of setup tasks, and binds the runner last', async () => {
    assert.equal(await make(), true);

    assert.deepEqual(
      stored.changes.map((change) => change.replace(/-[0-9a-f]{8}$/, '')),
      [
        'create Namespace undefined/shop-1',
        'create ServiceAccount shop-1/fieldtrial-setup',
        'create RoleBinding shop-1/fieldtrial-setup',
        'create RoleBinding shop-1/fieldtrial-slot',
      ],
    );
    const { roleRef, subjects } = (await bindings())[0] ?? assert.fail('there is no RoleBinding');
    assert.deepEqual(roleRef, { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'fieldtrial-slot' });
    assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'runner', namespace: 'tools' }]);
    assert.deepEqual(events, [{ type: 'namespace-created', slot: 'shop-1', experiment: 'sizing' }]);
  });

  it('completes what an earlier run has begun', async () => {
    stored.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'fieldtrial-setup', namespace: 'shop-1' } });

    assert.equal(await make(existing), true);

    assert.equal((await bindings()).length, 1);
    assert.deepEqual(events, []);
  });

  it('binds a runner beside the one of another installation', async () => {
    await make(plan, 1, 'system:serviceaccount:old:runner');

    assert.equal(await make(existing), true);

    const subjects = (await bindings()).map((each: any) => each.subjects[0].namespace);
    assert.deepEqual(subjects, ['old', 'tools']);
  });

  it('leaves one RoleBinding however often it is done', async () => {
    await make();
    await make(existing);

    assert.equal((await bindings()).length, 1);
  });

  it('waits until the API server has heard of the RoleBinding', async () => {
    assert.equal(await make(plan, 5), true);
  });

  it('leaves the slot out when the role does not grant enough, and says what is missing', async () => {
    assert.equal(await make(plan, Infinity), false);

    assert.deepEqual(events.at(-1), {
      type: 'slot-skipped',
      slot: 'shop-1',
      reason: 'MissingPermissions',
      message: 'ClusterRole fieldtrial-slot is bound there and does not grant: create jobs.batch',
    });
  });

  it('uses no namespace that somebody else has created meanwhile', async () => {
    stored.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-1' } });

    assert.equal(await make(), false);

    assert.deepEqual(stored.changes, ['create Namespace undefined/shop-1']);
    assert.equal(events[0]?.type === 'slot-skipped' && events[0].reason, 'NamespaceTaken');
  });

  it('leaves the slot out that the API server refuses, in its words', async () => {
    stored.refuse('create Namespace', new ClusterError(403, 'Forbidden', 'no more than ten namespaces'));

    assert.equal(await make(), false);

    assert.deepEqual(events, [
      {
        type: 'slot-skipped',
        slot: 'shop-1',
        reason: 'NamespaceRefused',
        message: 'namespace "shop-1" could not be made a slot: no more than ten namespaces',
      },
    ]);
  });
});
