import { z } from 'zod';
import { dnsLabel, duration, fields, kubernetesObject, labelSelector, labels, nonEmptyText, type Leaf } from './fields.ts';

/** Used where the template names no other; `run` is this plus the approximate runtime. */
export const DEFAULT_TIMEOUTS = { setup: '5m', setupDelete: '5m', stabilize: '10m', run: '1h', collect: '5m' } as const;
export const DEFAULT_APPROXIMATE_RUNTIME = '2m';
export const DEFAULT_SETUP_SERVICE_ACCOUNT = 'fieldtrial-setup';

/** The stages that wait, as `spec.trialTemplate.spec.timeouts` and the settings write them. */
export function timeoutsSchema(leaf: Leaf) {
  return fields({
    setup: leaf(duration).optional().describe('Until the setup Job is complete. Default: 5m'),
    setupDelete: leaf(duration).optional().describe('Until the Job that deletes the setup is complete. Default: 5m'),
    stabilize: leaf(duration).optional().describe('Until everything patched is ready. Default: 10m'),
    run: leaf(duration).optional().describe('Until the trial Job is complete. Default: 1h plus approximateRuntime'),
    collect: leaf(duration).optional().describe('Until every metric has its value. Default: 5m'),
  });
}

/** A trial template: as written, where scalars may be templates, or rendered. */
export function trialTemplateSchema(leaf: Leaf) {
  return fields({
    apiVersion: z.literal('fieldtrial.dev/v1alpha1').optional().describe('For editors; not needed'),
    kind: z.literal('TrialTemplate').optional().describe('For editors; not needed'),
    metadata: metadata.optional().describe('What the objects of a trial carry'),
    spec: specSchema(leaf).optional().describe('How a trial is set up and run'),
  });
}

export type WrittenTrialTemplate = z.infer<ReturnType<typeof trialTemplateSchema>>;
export type WrittenSetupTask = NonNullable<NonNullable<WrittenTrialTemplate['spec']>['setupTasks']>[number];

const metadata = fields({
  labels: labels.optional().describe('Labels of the setup and trial Jobs. Default: none'),
  annotations: labels.optional().describe('Annotations of the setup and trial Jobs. Default: none'),
  namespace: dnsLabel.optional().describe('The one slot of the experiment, where it has no namespaceSelector. Default: none'),
});

function specSchema(leaf: Leaf) {
  return fields(
    {
      setupTasks: z
        .array(setupTaskSchema(leaf))
        .optional()
        .describe('What is created before each trial and deleted after it. Default: none'),
      setupVolumes: z.array(kubernetesObject).optional().describe('Kubernetes volumes that setup tasks may mount. Default: none'),
      setupServiceAccountName: nonEmptyText.optional().describe('Service account of the setup Jobs. Default: fieldtrial-setup'),
      files: z
        .array(repositoryMount)
        .optional()
        .describe('Files of the repository for the containers of the trial Job and of setup tasks with an image. Default: none'),
      initialDelaySeconds: leaf(seconds).optional().describe('Pause between readiness and the trial Job. Default: 0'),
      startTimeOffset: leaf(duration).optional().describe('Moves the start of the measured window past a warm-up. Default: 0s'),
      approximateRuntime: leaf(duration)
        .optional()
        .describe('How long a trial without containers sleeps; also added to the run timeout. Default: 2m'),
      timeouts: timeoutsSchema(leaf).optional().describe('How long each stage may take'),
      readinessGates: z
        .array(readinessGateSchema(leaf))
        .optional()
        .describe('What must be ready besides everything patched. Default: none'),
      jobTemplate: jobTemplate
        .optional()
        .describe('batch/v1 JobTemplateSpec of the trial Job. Default: a container that sleeps for approximateRuntime'),
    },
    {
      ttlSecondsAfterFinished: 'Jobs are deleted once their evidence is recorded; remove the field',
      ttlSecondsAfterFailure: 'Jobs are deleted once their evidence is recorded; remove the field',
      setupDefaultClusterRole: 'access of the setup service account belongs to the installation; remove the field',
      setupDefaultRules: 'access of the setup service account belongs to the installation; remove the field',
      selector: 'the trial Job is known by its uid; remove the field',
    },
  );
}

const seconds = z.int().nonnegative();

const jobTemplate = fields({
  metadata: kubernetesObject.optional().describe('Labels and annotations of the Job'),
  spec: kubernetesObject.optional().describe('batch/v1 JobSpec'),
});

const repositoryMount = fields({
  path: nonEmptyText.describe('File or folder of the repository; mounted as it is, not rendered'),
  mountPath: nonEmptyText.describe('Folder of the containers in which the file, or what is in the folder, is found'),
});

function setupTaskSchema(leaf: Leaf) {
  return fields({
    name: dnsLabel.describe('Container of the setup Jobs, and release of a chart; unique in the template'),
    labels: labels.optional().describe('Labels of the setup Jobs and their pods, beside those of the other tasks. Default: none'),
    image: nonEmptyText.optional().describe('Image of a task of your own. Default: the runner installs helmChart or applies manifests'),
    command: z.array(z.string()).optional().describe("Command; only with image. Default: the image's"),
    args: z.array(z.string()).optional().describe('Arguments; only with image. Default: create or delete'),
    env: z.array(kubernetesObject).optional().describe('Kubernetes environment variables. Default: none'),
    volumeMounts: z.array(kubernetesObject).optional().describe('Mounts of setupVolumes. Default: none'),
    skipCreate: leaf(z.boolean()).optional().describe('Nothing is done before the trial. Default: false'),
    skipDelete: leaf(z.boolean()).optional().describe('Nothing is done after the trial. Default: false'),
    helmChart: nonEmptyText
      .optional()
      .describe(
        'Chart folder of the repository such as charts/postgres, oci:// reference, name in helmRepository, or fieldtrial/prometheus',
      ),
    helmRepository: nonEmptyText.optional().describe('Address of the chart repository that has helmChart. Default: none'),
    helmChartVersion: nonEmptyText
      .optional()
      .describe('Version of a chart of helmRepository or of an oci:// reference. Default: the newest'),
    helmValues: z.array(helmValueSchema(leaf)).optional().describe('Values of the chart. Default: none'),
    helmValuesFrom: z
      .array(helmValuesFrom)
      .optional()
      .describe('Values files of the chart, in order; helmValues win over them. Default: none'),
    manifests: z.array(nonEmptyText).optional().describe('Manifest files or folders of the repository, applied in order'),
  });
}

const helmValuesFrom = fields({
  configMap: fields({ name: nonEmptyText.describe('Name of a ConfigMap of the slot') }).describe(
    'Each of its keys that ends with values.yaml is a values file',
  ),
});

function helmValueSchema(leaf: Leaf) {
  return fields({
    name: nonEmptyText.describe('Path of the value, as for `helm --set`'),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional().describe('The value; a string may be a template'),
    valueFrom: fields({
      parameterRef: fields({ name: nonEmptyText.describe('Name of a parameter') }).describe('A parameter of the experiment'),
    })
      .optional()
      .describe("Instead of value: the trial's assignment of a parameter"),
    forceString: leaf(z.boolean()).optional().describe('As for `helm --set-string`. Default: false'),
  });
}

function readinessGateSchema(leaf: Leaf) {
  return fields(
    {
      apiVersion: nonEmptyText.describe('API version of the object'),
      kind: nonEmptyText.describe('Kind of the object'),
      name: nonEmptyText.optional().describe('Name of the object; or selector'),
      selector: labelSelector.optional().describe('Labels of the objects, all of which must be ready; or name'),
      conditionTypes: z.array(nonEmptyText).optional().describe('Conditions that must be true. Default: none, the object must exist'),
      initialDelaySeconds: leaf(seconds).optional().describe('When it is looked at first. Default: 0'),
    },
    {
      periodSeconds: 'objects are watched, not polled; remove the field',
      failureThreshold: 'the deadline of all gates is timeouts.stabilize; remove the field',
    },
  );
}
