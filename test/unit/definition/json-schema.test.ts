import assert from 'node:assert/strict';
import { experimentJsonSchema } from '../../../runner/definition/json-schema.ts';

describe('experimentJsonSchema', () => {
  const schema: any = experimentJsonSchema();

  it('says what it is', () => {
    const { $schema, $id, title } = schema;

    assert.deepEqual(
      [$schema, $id, title],
      ['https://json-schema.org/draft/2020-12/schema', 'https://fieldtrial.dev/schema/v1alpha1/experiment.json', 'Fieldtrial experiment'],
    );
  });

  it('has every field of the specification and no others', () => {
    const { spec } = schema.properties;

    assert.deepEqual(Object.keys(spec.properties), [
      'replicas',
      'suggest',
      'failurePolicy',
      'parameters',
      'constraints',
      'metrics',
      'patches',
      'restore',
      'namespaceSelector',
      'namespaceTemplate',
      'trialTemplate',
      'templateRef',
    ]);
    assert.deepEqual(spec.required, ['parameters', 'metrics']);
    assert.equal(spec.additionalProperties, false);
  });

  it('accepts a template where a trial template has a number', () => {
    const { initialDelaySeconds } = schema.properties.spec.properties.trialTemplate.properties.spec.properties;

    assert.deepEqual(
      initialDelaySeconds.anyOf.map(({ type }: any) => type),
      ['integer', 'string'],
    );
  });

  it('describes every field', () => {
    assert.deepEqual(undescribed(schema, ''), []);
  });
});

function undescribed(schema: any, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const fields = Object.entries<any>(schema.properties ?? {});
  const missing = fields.filter(([, field]) => field.description === undefined).map(([name]) => `${path}.${name}`);
  const nested = fields.flatMap(([name, field]) => undescribed(field, `${path}.${name}`));
  const branches = [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].flatMap((each) => undescribed(each, path));
  return [...missing, ...nested, ...branches];
}
