import { z } from 'zod';
import { experimentSchema } from './schema.ts';

/** The JSON Schema (draft 2020-12) of the experiment file, for editors; the same source as the validator's. */
export function experimentJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(experimentSchema, { io: 'input', target: 'draft-2020-12' });
  return {
    $schema,
    $id: 'https://fieldtrial.dev/schema/v1alpha1/experiment.json',
    title: 'Fieldtrial experiment',
    ...schema,
  };
}
