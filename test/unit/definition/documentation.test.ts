import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { experimentJsonSchema } from '../../../runner/definition/json-schema.ts';
import { loadRepository } from '../../../runner/definition/load-repository.ts';
import { openRepository } from '../../../runner/definition/repository-files.ts';

const DOCS = new URL('../../../docs/', import.meta.url);

describe('docs/experiments.md', () => {
  const examples = openRepository(new URL('examples', DOCS).pathname);

  it('has examples that are valid', async () => {
    const { experiments, problems } = await loadRepository(examples);

    assert.deepEqual(problems, []);
    assert.deepEqual(
      experiments.map(({ name, queue, usedFiles }) => [name, queue.length, usedFiles.includes('charts/postgres/Chart.yaml')]),
      [
        ['checkout-load', 0, true],
        ['checkout-remote', 0, true],
        ['checkout-setup', 0, true],
        ['checkout-sizing', 1, true],
      ],
    );
  });

  it('shows the examples as they are', async () => {
    const page = await readFile(new URL('experiments.md', DOCS), 'utf8');

    const shown = page
      .matchAll(/```yaml\n# (.+)\n([^]*?)```/g)
      .map(([, path, text]) => ({ path: path!, text }))
      .toArray();

    assert.equal(shown.length, 6);
    for (const { path, text } of shown) assert.equal(text, (await examples.read(path)).toString('utf8'), path);
  });

  it('names every field', async () => {
    const page = await readFile(new URL('experiments.md', DOCS), 'utf8');

    // Label selectors and Job templates are Kubernetes' own.
    const own = [...fieldNames(experimentJsonSchema())].filter((name) => name !== 'key' && name !== 'operator');

    assert.deepEqual(
      own.filter((name) => !new RegExp(`\\b${name}\\b`).test(page)),
      [],
    );
  });
});

function fieldNames(schema: any): Set<string> {
  if (typeof schema !== 'object' || schema === null) return new Set();
  const fields = Object.entries<any>(schema.properties ?? {});
  const inner = [...fields.map(([, field]) => field), schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return new Set([...fields.map(([name]) => name), ...inner.flatMap((each) => [...fieldNames(each)])]);
}
