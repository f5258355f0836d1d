import assert from 'node:assert/strict';
import { importExperiment } from '../../../runner/definition/legacy/import-experiment.ts';
import { checkText, readLegacyExperiments } from '../../support/legacy-experiments.ts';

const experiments = await readLegacyExperiments();

describe('Experiments of Red Sky Ops and StormForge Optimize', () => {
  it('are there in all three versions', () => {
    const versions = experiments.map(({ text }) => /^apiVersion: ((?:redskyops|optimize).*)$/m.exec(text)?.[1]);

    assert.ok(experiments.length >= 12);
    assert.deepEqual([...new Set(versions)].toSorted(), [
      'optimize.stormforge.io/v1beta2',
      'redskyops.dev/v1alpha1',
      'redskyops.dev/v1beta1',
    ]);
  });

  for (const { name, text } of experiments) {
    it(`are valid and render a trial: ${name}`, async () => {
      const { problems, checked } = await checkText(text);

      assert.deepEqual(problems, []);
      assert.ok(checked!.sample.job);
    });
  }

  for (const { name, text } of experiments) {
    it(`are the same experiment once imported: ${name}`, async () => {
      const direct = await checkText(text);
      const { imported } = importExperiment(text, 'old.yaml');
      const converted = await checkText(imported!.experiment);

      assert.deepEqual(converted.problems, []);
      assert.deepEqual(converted.notices, []);
      assert.deepEqual(converted.checked!.experiment, direct.checked!.experiment);
      assert.equal(converted.checked!.digest, direct.checked!.digest);
    });
  }

  it('give the patch that Go gave', async () => {
    const { checked } = await checkText(experiments.find(({ name }) => name === 'jvm-tuning')!.text);

    const [patch] = checked!.sample.patches;
    assert.deepEqual(patch!.body, {
      spec: {
        template: {
          spec: {
            containers: [
              {
                name: 'api',
                env: [
                  { name: 'JAVA_TOOL_OPTIONS', value: '-XX:+UseG1GC -Xms512m -Xmx512m -Xmn170m' },
                  { name: 'TRIAL', value: 'JVM_TUNING_001' },
                ],
                resources: { limits: { memory: '1024Mi' } },
              },
            ],
          },
        },
      },
    });
  });

  it('keep what else is in their file', async () => {
    const { loaded } = await checkText(experiments.find(({ name }) => name === 'postgres')!.text);

    assert.deepEqual(
      loaded.companions.map((companion: any) => `${companion.kind} ${companion.metadata.name}`),
      ['ServiceAccount redsky', 'Role redsky-setup', 'RoleBinding redsky-setup', 'ConfigMap pgbench-schema'],
    );
  });
});
