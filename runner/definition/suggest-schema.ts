import { z } from 'zod';
import { fields } from './fields.ts';

const SUGGEST_SOURCES = ['manual', 'grid', 'random', 'remote'] as const;

const budget = z.int().positive();

export const suggestSchema = z.discriminatedUnion(
  'source',
  [
    fields({
      source: z.literal('manual').describe('Only what somebody suggests is tried'),
      budget: budget.optional().describe('Most trials of one generation of the experiment. Default: no limit'),
    }),
    fields({
      source: z.literal('grid').describe('Every combination of steps and values, in order'),
      budget: budget.optional().describe('Most trials of one generation of the experiment. Default: the whole grid'),
    }),
    fields({
      source: z.literal('random').describe('Points spread evenly over the parameter space'),
      budget: budget.describe('Most trials of one generation of the experiment'),
      seed: z.int().optional().describe('The same seed gives the same points. Default: 1'),
    }),
    fields({
      source: z.literal('remote').describe('What the Experiments API of the installation hands out'),
      budget: budget.optional().describe('Most trials of one generation of the experiment. Default: until the API has no more'),
    }),
  ],
  {
    error: ({ code, input }) => (code === 'invalid_union' ? unavailableSource((input as { source?: unknown }).source) : undefined),
  },
);

function unavailableSource(source: unknown): string {
  if (source === undefined) return `is required: one of ${SUGGEST_SOURCES.join(', ')}`;
  const reason = source === 'optimizer' ? 'is not available in this version' : 'is not a source of suggestions';
  return `${JSON.stringify(source)} ${reason}; this version has ${SUGGEST_SOURCES.join(', ')}`;
}
