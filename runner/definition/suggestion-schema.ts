import { z } from 'zod';
import { API_VERSION } from '../model/names.ts';
import { fields, labels, nonEmptyText } from './fields.ts';

const assignments = z
  .array(
    fields({
      name: nonEmptyText.describe('Name of a parameter'),
      value: z.union([z.number(), z.string()]).describe('Its value'),
    }),
  )
  .min(1)
  .describe('A value for every parameter; those that can take only one may be left out');

const body = { assignments, labels: labels.optional().describe('For people and tools; not used') };

/** A file of `suggestions/`, with its envelope. */
export const suggestionSchema = fields({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Suggestion'),
  metadata: fields({
    name: nonEmptyText.optional(),
    labels: labels.optional(),
    annotations: labels.optional(),
  }).optional(),
  spec: fields({ experiment: nonEmptyText.optional().describe('Must be the experiment of the folder'), ...body }),
});

/** A file of `suggestions/` that holds just the assignments. */
export const plainSuggestionSchema = fields(body);
