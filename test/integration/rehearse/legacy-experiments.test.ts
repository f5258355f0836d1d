import assert from 'node:assert/strict';
import { experimentFile } from '../../support/definitions.ts';
import { CHART, readLegacyExperiments } from '../../support/legacy-experiments.ts';
import { rehearseFiles } from '../../support/rehearse-files.ts';

const experiments = await readLegacyExperiments();

describe('A rehearsal of an experiment of Red Sky Ops or StormForge Optimize', function () {
  this.timeout('60s');

  for (const { name, text } of experiments) {
    it(`comes to its end: ${name}`, async () => {
      const { rehearsals, problems } = await rehearseFiles({ [experimentFile(name)]: text, ...CHART });

      assert.deepEqual(problems, []);
      const [rehearsal] = rehearsals;
      assert.deepEqual(rehearsal!.problems, []);
      assert.deepEqual(
        rehearsal!.trials.map(({ record }) => record.status.phase),
        ['Completed', 'Completed'],
      );
    });
  }
});
