import assert from 'node:assert/strict';
import { checkDefinitions } from '../../../runner/check-definitions.ts';
import { loadRepository } from '../../../runner/definition/load-repository.ts';
import { experimentTouches } from '../../../runner/review/experiment-touches.ts';
import { aRepository } from '../../support/definitions.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const KEYS = { datadog: {}, newrelic: {} };

describe('what trials of an experiment may touch', () => {
  it('goes without the values with which none can be rendered, and names them', async () => {
    const files = repositoryOf(
      aRepository((text) =>
        text
          .replace('  metrics:', '    - {name: zone, values: [a, "[b", c], baseline: a}\n  metrics:')
          .replace('name: app}', 'name: app}\n      type: merge')
          .replace('spec: {replicas: {{values.cpu}} }', 'spec: {serviceAccountName: {{values.zone}} }'),
      ),
    );
    const { checked, problems } = await checkDefinitions(await loadRepository(files), files, 'fieldtrial:test');
    const [only] = checked;
    assert.ok(only, JSON.stringify(problems));

    const { touches, unseen } = await experimentTouches(only.sample, only, KEYS);

    assert.deepEqual(touches.serviceAccounts, ['a', 'c', 'default']);
    assert.equal(unseen.length, 1);
    assert.match(unseen[0]!, /^zone=\[b: renders to text that is not YAML/);
  });
});
