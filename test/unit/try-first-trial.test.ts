import assert from 'node:assert/strict';
import { ClusterError } from '../../runner/cluster/errors.ts';
import { readDefinitions } from '../../runner/read-definitions.ts';
import { tryFirstTrial, type TriedTrial } from '../../runner/try-first-trial.ts';
import { aRepository } from '../support/definitions.ts';
import { repositoryOf } from '../support/repository-of.ts';

const NO_KIND = 'the cluster has no example.com/v1, so no kind Widget of it; is its CustomResourceDefinition installed?';

describe('trying the first trial', () => {
  /** On a cluster that takes everything, and does not know the kind that is patched. */
  async function tryPatching(edit: (text: string) => string = (text) => text): Promise<TriedTrial> {
    const widget = (text: string) => edit(text.replace('apps/v1, kind: Deployment', 'example.com/v1, kind: Widget'));
    const { checked } = await readDefinitions(repositoryOf(aRepository(widget)), 'fieldtrial:test');
    const cluster = {
      create: async (): Promise<any> => ({}),
      read: () => Promise.reject(new ClusterError(404, 'NoKindMatch', NO_KIND)),
      patch: () => assert.fail('patched'),
    };
    return tryFirstTrial(checked[0]!, 'shop-1', cluster, AbortSignal.timeout(5_000));
  }

  it('refuses a patch of a kind that the cluster does not have', async () => {
    assert.deepEqual(await tryPatching(), { refused: [`patches[0] of Widget app: ${NO_KIND}`], untried: [] });
  });

  it('does not try it where a setup task may bring the kind', async () => {
    const withSetup = (text: string) => text.replace('    spec:\n', '    spec:\n      setupTasks: [{name: crd, image: "crd:1"}]\n');

    assert.deepEqual(await tryPatching(withSetup), { refused: [], untried: [`patches[0] of Widget app: ${NO_KIND}`] });
  });
});
