import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { valuesFile } from '../../../scripts/chart/values-file.ts';
import { valuesPage } from '../../../scripts/chart/values-page.ts';
import type { ValuesSchema } from '../../../scripts/chart/values-schema.ts';
import { PROJECT } from '../../../scripts/example/project.ts';

describe("the chart's schema", () => {
  let schema: ValuesSchema;

  before(async () => {
    schema = JSON.parse(await readIn('charts/fieldtrial/values.schema.json')) as ValuesSchema;
  });

  it('is what values.yaml was made from: else run `npm run chart:values`', async () => {
    assert.equal(await readIn('charts/fieldtrial/values.yaml'), valuesFile(schema));
  });

  it('is what docs/values.md was made from: else run `npm run chart:values`', async () => {
    assert.equal(await readIn('docs/values.md'), valuesPage(schema));
  });

  it('gives every value a default and a meaning', () => {
    const incomplete = leaves(schema, '').filter(([, { default: value, description }]) => value === undefined || !description);

    assert.deepEqual(
      incomplete.map(([name]) => name),
      [],
    );
  });

  it('has names that every YAML reads as text, and no others besides them', () => {
    for (const [name, each] of sections(schema, 'values')) {
      assert.deepEqual(
        load(
          Object.keys(each.properties ?? {})
            .map((key) => `- ${key}`)
            .join('\n'),
        ),
        Object.keys(each.properties ?? {}),
      );
      // YAML 1.1, which helm reads, takes these for truth values.
      assert.ok(!Object.keys(each.properties ?? {}).some((key) => /^(y|n|yes|no|on|off)$/i.test(key)), name);
      assert.equal((each as { additionalProperties?: boolean }).additionalProperties, false, name);
    }
  });
});

describe('an example of an installation', () => {
  const pages = {
    'values.yaml': 'values.md',
    'kind.yaml': 'install.md',
    'helm-release.yaml': 'install.md',
    'application.yaml': 'argocd.md',
    'argocd-values.yaml': 'argocd.md',
  };

  for (const [file, page] of Object.entries(pages)) {
    it(`is what docs/${page} shows: ${file}`, async () => {
      const path = `docs/examples/installation/${file}`;

      assert.ok((await readIn(`docs/${page}`)).includes(`\n# ${path}\n${await readIn(path)}\`\`\``));
    });
  }
});

it("the chart's version is the package's", async () => {
  const { version } = JSON.parse(await readIn('package.json')) as { version: string };

  const chart = load(await readIn('charts/fieldtrial/Chart.yaml')) as { version: string; appVersion: string };

  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});

function readIn(path: string): Promise<string> {
  return readFile(join(PROJECT, path), 'utf8');
}

function sections(schema: ValuesSchema, name: string): [string, ValuesSchema][] {
  const inner = Object.entries(schema.properties ?? {}).filter(([, each]) => each.default === undefined && each.properties !== undefined);
  return [[name, schema], ...inner.flatMap(([key, each]) => sections(each, `${name}.${key}`))];
}

function leaves(schema: ValuesSchema, prefix: string): [string, ValuesSchema][] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, each]): [string, ValuesSchema][] => {
    if (key === 'global') return [];
    return each.default === undefined && each.properties !== undefined ? leaves(each, `${prefix}${key}.`) : [[`${prefix}${key}`, each]];
  });
}
