import { z } from 'zod';
import { fields, nonEmptyText, quantity } from './fields.ts';

export const parameterSchema = fields({
  name: z
    .string()
    .regex(/^[A-Za-z_][-._/A-Za-z0-9]*$/, {
      error: ({ input }) =>
        `${JSON.stringify(input)} is not a parameter name: a letter or "_", then letters, digits, "-", "_", "." and "/"`,
    })
    .describe('Unique in the experiment; templates read it as `{{values.<name>}}`, containers as an environment variable'),
  type: z.enum(['integer', 'double']).optional().describe('Type of a numeric parameter. Default: integer'),
  min: z.number().optional().describe('Smallest value, inclusive; required without values'),
  max: z.number().optional().describe('Largest value, inclusive; required without values'),
  step: z.number().positive().optional().describe('Distance between values, counted from min. Default: 1 for integers, none for doubles'),
  scale: z.enum(['linear', 'log']).optional().describe('How sources spread values over the range. Default: linear'),
  values: z.array(z.string()).min(1).optional().describe('The values of a categorical parameter, instead of min and max'),
  baseline: z.union([z.number(), z.string()]).optional().describe("Today's setting; all parameters have one or none. Default: none"),
});

export const constraintSchema = fields({
  name: nonEmptyText.optional().describe('For messages. Default: its position'),
  order: fields({
    lowerParameter: nonEmptyText.describe('The parameter that must not be larger'),
    upperParameter: nonEmptyText.describe('The parameter that must not be smaller'),
  })
    .optional()
    .describe('lowerParameter ≤ upperParameter'),
  sum: fields({
    bound: quantity.describe('What the weighted sum is compared with, inclusive'),
    isUpperBound: z.boolean().optional().describe('true: at most the bound; false: at least. Default: false'),
    parameters: z
      .array(
        fields({
          name: nonEmptyText.describe('A numeric parameter'),
          weight: quantity.describe('Factor of its value'),
        }),
      )
      .min(1)
      .describe('The terms of the sum'),
  })
    .optional()
    .describe('A bound on the weighted sum of parameters'),
});
