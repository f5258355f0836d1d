import { z } from 'zod';
import { nearest } from '../model/nearest.ts';
import { parseQuantity } from '../model/quantity.ts';
import { DURATION_PATTERN } from './duration.ts';

/** Fields of the ancestor, or of another kind, that people will try: field name → what to do instead. */
export type Hints = Record<string, string>;

/**
 * A mapping with these fields and no others. An unknown field is told with its hint, with the nearest known name or with all of them:
 * one line of the message for each of the issue's keys, in order.
 */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape, hints: Hints = {}): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => unknownField(key, known, hints)).join('\n') : undefined,
  });
}

function unknownField(key: string, known: readonly string[], hints: Hints): string {
  if (Object.hasOwn(hints, key)) return hints[key]!;
  const meant = nearest(key, known);
  return meant === undefined ? `unknown field; known are ${known.join(', ')}` : `unknown field; did you mean "${meant}"?`;
}

/** Kubernetes objects inside the definition (volumes, environment, Job specs): the API server knows their fields. */
export const kubernetesObject = z.record(z.string(), z.unknown());

export const labels = z.record(z.string(), z.string());

export const nonEmptyText = z.string().regex(/\S/, 'must not be empty');

export const duration = z
  .union([z.number().nonnegative(), z.string().regex(DURATION_PATTERN, { abort: true })], {
    error: ({ input }) =>
      input === undefined ? 'is required' : `${JSON.stringify(input)} is not a duration; write 90s, 1h30m, 500ms or a number of seconds`,
  })
  .meta({ examples: ['90s', '1h30m', '500ms', 90] });

export const quantity = z
  .union([z.number(), z.string().refine((text) => parseQuantity(text) !== undefined, { abort: true })], {
    error: ({ input }) =>
      input === undefined
        ? 'is required'
        : `${JSON.stringify(input)} is not a quantity; write a number or a Kubernetes quantity such as "0.3", "500m" or "2Gi"`,
  })
  .meta({ examples: ['0.3', '500m', '2Gi', 4000] });

export const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: ({ input }) => `${JSON.stringify(input)} is not a DNS label: lower-case letters, digits and inner hyphens, at most 63`,
});

const labelRequirement = fields({
  key: nonEmptyText.describe('Label key'),
  operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How the label is compared'),
  values: z.array(z.string()).optional().describe('Label values, for In and NotIn'),
});

export const labelSelector = fields({
  matchLabels: labels.optional().describe('Labels with exactly these values'),
  matchExpressions: z.array(labelRequirement).optional().describe('Label requirements, all of which must hold'),
});
export const selectorFields = labelSelector.shape;

/** How a trial template's scalar is checked: as written, where it may still be a template, or once rendered. */
export type Leaf = <Type extends z.ZodType>(type: Type) => Type;

/** A block expression renders to text, so `true` and `12` count as what they say. */
export const rendered: Leaf = (type) => z.preprocess(fromText, type) as unknown as typeof type;

/** Accepts a string with `{{` as well; what it renders to is checked once it is rendered. */
export const written: Leaf = (type) => {
  const template = z.string().regex(/\{\{/, { abort: true });
  const either = z.union([type, template], {
    error: (issue) => firstMessage(issue as unknown as { errors?: { message: string }[][] }),
  });
  // Only whether it parses matters before rendering: nobody reads the parsed scalar.
  return either as unknown as typeof type;
};

function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function firstMessage({ errors = [] }: { errors?: { message: string }[][] }): string | undefined {
  return errors[0]?.[0]?.message;
}
