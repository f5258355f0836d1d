import { z } from 'zod';
import { API_VERSION } from '../model/names.ts';
import { fields, kubernetesObject, labelSelector, labels, nonEmptyText, written } from './fields.ts';
import { metricSchema } from './metric-schema.ts';
import { constraintSchema, parameterSchema } from './parameter-schema.ts';
import { suggestSchema } from './suggest-schema.ts';
import { trialTemplateSchema } from './trial-template-schema.ts';

const metadata = fields({
  name: nonEmptyText.describe('DNS label, at most 40 characters; trials are called `<name>-001` and so on'),
  labels: labels.optional().describe('For people and tools; a remote API gets them'),
  annotations: labels.optional().describe('For people and tools; not used'),
});

const patch = fields({
  type: z.enum(['strategic', 'merge', 'json']).optional().describe('Kind of patch. Default: strategic'),
  targetRef: fields(
    {
      apiVersion: nonEmptyText.describe('API version of the object, such as apps/v1'),
      kind: nonEmptyText.describe('Kind of the object'),
      name: nonEmptyText.optional().describe("Name of the object; a Job without one is the trial's own"),
    },
    {
      namespace: "targets in other namespaces are refused; a patch goes to the trial's own slot, so remove the namespace",
    },
  )
    .optional()
    .describe('The object to patch. Default: the one that a strategic patch itself names'),
  patch: z.string().describe('Handlebars text that renders to YAML or JSON; nothing, `null` and `{}` patch nothing'),
  readinessGates: z
    .array(fields({ conditionType: nonEmptyText.describe('A condition that must be true') }))
    .optional()
    .describe("What is waited for after the patch; [] waits for nothing. Default: the object's rollout"),
});

const NO_PARAMETERS = 'an experiment without parameters has nothing to vary; declare at least one';
const NO_METRICS = 'an experiment without metrics cannot judge its trials; declare at least one';

/** The experiment file as people write it; `normalize.ts` fills in its defaults. */
export const experimentSchema = fields({
  apiVersion: z.literal(API_VERSION).describe('Version of this format'),
  kind: z.literal('Experiment').describe('Kind of this document'),
  metadata: metadata.describe('Who the experiment is'),
  spec: fields(
    {
      replicas: z.int().nonnegative().optional().describe('Most slots at once; 0 pauses the experiment. Default: 1'),
      suggest: suggestSchema.optional().describe('Where assignments come from once the queue is empty. Default: manual'),
      failurePolicy: fields({
        maxConsecutive: z.int().positive().optional().describe('Failed trials in a row that stop the experiment. Default: no limit'),
        maxTotal: z.int().positive().optional().describe('Failed trials that stop the experiment. Default: no limit'),
      })
        .optional()
        .describe('When the experiment stops because its trials fail'),
      parameters: z.array(parameterSchema).min(1, NO_PARAMETERS).describe('What is varied'),
      constraints: z.array(constraintSchema).optional().describe('Which combinations are not tried. Default: none'),
      metrics: z.array(metricSchema).min(1, NO_METRICS).describe('What is measured'),
      patches: z.array(patch).optional().describe('How assignments reach the objects of the slot. Default: none'),
      restore: z
        .enum(['never', 'run', 'trial'])
        .optional()
        .describe('When what patches changed is put back: after each trial, or when the run leaves the slot. Default: never'),
      namespaceSelector: labelSelector.optional().describe('Labels of the namespaces that may be slots. Default: none'),
      namespaceTemplate: fields(
        {
          metadata: fields({
            name: nonEmptyText.optional().describe('Namespaces are called `<name>-1` and so on. Default: the name of the experiment'),
            generateName: nonEmptyText.optional().describe('Instead of name: what stands before the number, such as `shop-`'),
            labels: labels.optional().describe('Labels of the namespaces; those of the installation win. Default: none'),
            annotations: labels.optional().describe('Annotations of the namespaces. Default: none'),
          })
            .optional()
            .describe('What the namespaces are like'),
        },
        { spec: 'a namespace has nothing to say there; remove the field' },
      )
        .optional()
        .describe('Makes the namespaces that are missing to as many slots as replicas. Default: none are made'),
      trialTemplate: trialTemplateSchema(written)
        .optional()
        .describe('How a trial is set up and run; strings may be templates. Default: a Job that sleeps'),
      templateRef: fields({
        name: z
          .string()
          .regex(/^[A-Za-z0-9][-._A-Za-z0-9]*$/, {
            error: ({ input }) => `${JSON.stringify(input)} is not the name of a template: write k6 for templates/k6.yaml`,
          })
          .describe('Reads templates/<name>.yaml'),
        with: kubernetesObject.optional().describe('What the template reads as `{{args.<name>}}`; strings may be templates. Default: none'),
      })
        .optional()
        .describe('Instead of trialTemplate: a template shared by experiments'),
    },
    {
      optimization: 'write suggest: {source: random, budget: 40} instead',
      selector: 'trials belong to the experiment of their record; remove the field',
    },
  ).describe('What the experiment does'),
});

export type WrittenExperiment = z.infer<typeof experimentSchema>;
export type WrittenParameter = WrittenExperiment['spec']['parameters'][number];
export type WrittenConstraint = NonNullable<WrittenExperiment['spec']['constraints']>[number];
export type WrittenNamespaceTemplate = NonNullable<WrittenExperiment['spec']['namespaceTemplate']>;
export type WrittenPatch = NonNullable<WrittenExperiment['spec']['patches']>[number];
