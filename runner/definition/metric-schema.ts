import { z } from 'zod';
import { DURATION_PATTERN } from './duration.ts';
import { duration, fields, nonEmptyText, quantity, selectorFields, type Hints } from './fields.ts';

const METRIC_TYPES = ['kubernetes', 'prometheus', 'datadog', 'newrelic', 'jsonpath', 'logs'] as const;

const name = z
  .string()
  .regex(/^[A-Za-z0-9_][-._/A-Za-z0-9]*$/, {
    error: ({ input }) => `${JSON.stringify(input)} is not a metric name: letters, digits, "-", "_", "." and "/"`,
  })
  .describe('Unique in the experiment; names the number in results');

const common = {
  name,
  minimize: z.boolean().optional().describe('true when less is better. Default: false'),
  min: quantity.optional().describe('Smallest acceptable value, inclusive; a trial below it fails, except a baseline. Default: none'),
  max: quantity.optional().describe('Largest acceptable value, inclusive; a trial above it fails, except a baseline. Default: none'),
  sample: quantity.optional().describe('What a rehearsal takes for the value where nobody can be asked; runs ignore it. Default: made up'),
  optimize: z.boolean().optional().describe('false: recorded and shown, but not a goal. Default: true'),
};

const target = fields(
  {
    apiVersion: nonEmptyText.optional().describe('API version of the object. Default: v1'),
    kind: nonEmptyText.describe('Kind of the object, or of its list such as PodList'),
    name: nonEmptyText.optional().describe('Name of one object; absent: the objects that the labels select'),
    ...selectorFields,
  },
  { namespace: "targets are always in the trial's own slot; remove the namespace" },
);

const urlTarget = target
  .optional()
  .describe('Objects of the slot that url and queries see as `target`, such as the Services one of which is asked. Default: none');

const delay = duration.optional().describe('How long after completion the query is asked, as the last samples arrive late. Default: 30s');

/** Fields that some types have and others do not. */
const OWN_FIELDS: Record<string, readonly (typeof METRIC_TYPES)[number][]> = {
  target: ['kubernetes', 'prometheus', 'jsonpath'],
  url: ['prometheus', 'datadog', 'newrelic', 'jsonpath'],
  errorQuery: ['prometheus'],
  scrapeCheck: ['prometheus'],
  aggregator: ['datadog'],
  delay: ['datadog', 'newrelic'],
  format: ['logs'],
  container: ['logs'],
};

const kubernetes = metricFields({
  type: z.literal('kubernetes').optional().describe('The query is a template over the trial and the target that renders to a number'),
  ...common,
  query: nonEmptyText.describe('Handlebars; must render to a finite number'),
  target: target.optional().describe('The object or list that the query sees as `target`. Default: none'),
});

const prometheus = metricFields({
  type: z.literal('prometheus').describe('The query is PromQL, asked for the time at which the trial completed'),
  ...common,
  url: nonEmptyText
    .optional()
    .describe(
      'Handlebars; base URL of the server, such as http://prometheus.monitoring:9090. Default: that of a setup task with helmChart: fieldtrial/prometheus',
    ),
  query: nonEmptyText.describe('Handlebars; PromQL that gives one number'),
  errorQuery: nonEmptyText.optional().describe('Handlebars; PromQL that gives the standard error of the value. Default: none'),
  target: urlTarget,
  scrapeCheck: z
    .union([z.enum(['targets', 'samples', 'none']), z.string().regex(DURATION_PATTERN, { abort: true })], {
      error: ({ input }) => `${JSON.stringify(input)} is not a scrape check; write targets, samples, none or a duration such as 30s`,
    })
    .optional()
    .describe(
      "Proof of the final scrape: `targets` asks the server's targets, `samples` waits for a sample after completion, a duration just waits, `none` asks at once. Default: targets",
    ),
});

const datadog = metricFields({
  type: z.literal('datadog').describe("The query is asked of Datadog over the trial's window"),
  ...common,
  url: nonEmptyText
    .optional()
    .describe('Handlebars; API of the site, such as https://api.datadoghq.eu. Default: that of DD_SITE, else https://api.datadoghq.com'),
  query: nonEmptyText.describe('Handlebars; a metrics query that gives one series'),
  aggregator: z.enum(['avg', 'last', 'max', 'min', 'sum']).optional().describe("What makes one number of the series' points. Default: avg"),
  delay,
});

const newrelic = metricFields({
  type: z.literal('newrelic').describe("The query is asked of New Relic over the trial's window"),
  ...common,
  url: nonEmptyText
    .optional()
    .describe('Handlebars; API of the region, such as https://api.eu.newrelic.com. Default: https://api.newrelic.com'),
  query: nonEmptyText.describe('Handlebars; NRQL that gives one number, without SINCE and UNTIL'),
  delay,
});

const jsonpath = metricFields({
  type: z.literal('jsonpath').describe('The query finds a number in a JSON document'),
  ...common,
  url: nonEmptyText.describe('Handlebars; URL of the document, such as http://load.{{trial.namespace}}/stats'),
  query: nonEmptyText.describe('Handlebars; a JSONPath as kubectl takes it, with one match'),
  target: urlTarget,
});

const logs = metricFields({
  type: z.literal('logs').describe('The last match in the log of the trial Job'),
  ...common,
  query: nonEmptyText.describe('Handlebars; a regular expression with one group, or a dot path into the last JSON line'),
  format: z.enum(['regexp', 'json']).optional().describe('What the query is. Default: regexp'),
  container: nonEmptyText.optional().describe("Container of the trial Job's pod. Default: the first"),
});

export const metricSchema = z.discriminatedUnion('type', [kubernetes, prometheus, datadog, newrelic, jsonpath, logs], {
  error: ({ code, input }) => (code === 'invalid_union' ? unknownType((input as { type?: unknown }).type) : undefined),
});

export type WrittenMetric = z.infer<typeof metricSchema>;

function unknownType(type: unknown): string {
  return `unknown metric type ${JSON.stringify(type)}; this version has ${METRIC_TYPES.join(', ')}`;
}

/** A metric of one type: the fields of others are told apart from unknown ones. */
function metricFields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const hints: Hints = Object.fromEntries(
    Object.entries(OWN_FIELDS).map(([field, types]) => [field, `only metrics of type ${formatList(types)} have this field`]),
  );
  return fields(shape, hints);
}

function formatList(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
