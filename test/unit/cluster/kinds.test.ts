import assert from 'node:assert/strict';

import { createFindResource, resourcePath, type ResourceList } from '../../../runner/cluster/kinds.ts';

const { signal } = new AbortController();
const ROLLOUTS: ResourceList = {
  resources: [
    { name: 'rollouts', kind: 'Rollout', namespaced: true },
    { name: 'rollouts/status', kind: 'Rollout', namespaced: true },
    { name: 'experiments', kind: 'Experiment', namespaced: false },
  ],
};

describe('createFindResource', () => {
  it('knows the common kinds without asking', async () => {
    const find = createFindResource(() => assert.fail('asked'));

    assert.deepEqual(await find({ apiVersion: 'apps/v1', kind: 'Deployment' }, signal), {
      group: 'apps',
      version: 'v1',
      plural: 'deployments',
      namespaced: true,
    });
    assert.equal((await find({ apiVersion: 'v1', kind: 'Namespace' }, signal)).namespaced, false);
  });

  it('asks the cluster about other kinds, once for a group version', async () => {
    const asked: string[] = [];
    const find = createFindResource(async (apiVersion) => {
      asked.push(apiVersion);
      return ROLLOUTS;
    });

    const rollout = await find({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }, signal);
    const experiment = await find({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Experiment' }, signal);

    assert.deepEqual(rollout, { group: 'argoproj.io', version: 'v1alpha1', plural: 'rollouts', namespaced: true });
    assert.deepEqual([experiment.plural, experiment.namespaced], ['experiments', false]);
    assert.deepEqual(asked, ['argoproj.io/v1alpha1']);
  });

  it('asks again about a kind that was not there', async () => {
    const answers = [undefined, ROLLOUTS];
    const find = createFindResource(async () => answers.shift());
    const rollout = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' };
    await assert.rejects(find(rollout, signal), { reason: 'NoKindMatch' });

    assert.equal((await find(rollout, signal)).plural, 'rollouts');
  });

  it('suggests the kind that was probably meant', async () => {
    const find = createFindResource(async () => ROLLOUTS);

    await assert.rejects(find({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rolout' }, signal), {
      reason: 'NoKindMatch',
      message: 'the cluster has no kind Rolout in argoproj.io/v1alpha1; did you mean Rollout?',
    });
  });

  it('asks for the definition of an unknown group', async () => {
    const find = createFindResource(async () => undefined);

    await assert.rejects(find({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }, signal), {
      message: 'the cluster has no argoproj.io/v1alpha1, so no kind Rollout of it; is its CustomResourceDefinition installed?',
    });
  });
});

describe('resourcePath', () => {
  const pods = { group: '', version: 'v1', plural: 'pods', namespaced: true };
  const nodes = { group: '', version: 'v1', plural: 'nodes', namespaced: false };
  const jobs = { group: 'batch', version: 'v1', plural: 'jobs', namespaced: true };

  it('names objects, subresources and collections', () => {
    assert.equal(resourcePath(jobs, { namespace: 'shop', name: 'load' }), '/apis/batch/v1/namespaces/shop/jobs/load');
    assert.equal(resourcePath(pods, { namespace: 'shop', name: 'load', subresource: 'log' }), '/api/v1/namespaces/shop/pods/load/log');
    assert.equal(resourcePath(pods), '/api/v1/pods');
  });

  it('has no namespace for what is in none', () => {
    assert.equal(resourcePath(nodes, { namespace: 'shop', name: 'one' }), '/api/v1/nodes/one');
  });

  for (const name of ['', '.', '..', 'a/b', '%2e%2e']) {
    it(`refuses "${name}" as a name`, () => {
      assert.throws(() => resourcePath(pods, { namespace: 'shop', name }), { reason: 'BadRequest' });
      assert.throws(() => resourcePath(pods, { namespace: name, name: 'a' }), { reason: 'BadRequest' });
    });
  }
});
