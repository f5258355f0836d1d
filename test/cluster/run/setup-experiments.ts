import type { JsonObject } from '../../../runner/model/experiment.ts';
import type { ChartServer } from '../../support/chart-server.ts';
import type { Files } from '../../support/git-repository.ts';
import { definitionOf, foreignRelease, trialJob } from './failing-experiments.ts';

/** An experiment in a slot of its own, called like it. */
export type SetupExperiment = {
  name: string;
  /** The text of its file. */
  definition: string;
  files?: Files;
  /** What is in the slot before. */
  objects?: JsonObject[];
  /** What is in the cluster before, outside of any slot. */
  clusterObjects?: JsonObject[];
  /** What stays in the slot, because no trial made it. */
  leaves?: string[];
};

type Surroundings = {
  runnerImage: string;
  images: { prometheus: string; pushgateway: string };
  charts: Pick<ChartServer, 'repository' | 'registry' | 'certificate'>;
};

const PRINTED = { name: 'printed', type: 'logs', format: 'json', query: 'ok' };
const STORAGE = 'fieldtrial-test-by-hand';

export function setupExperiments({ runnerImage, images, charts }: Surroundings): SetupExperiment[] {
  return [
    {
      name: 'repository',
      definition: definition('repository', {
        metrics: [PRINTED],
        trialTemplate: printsSettings({
          helmRepository: charts.repository,
          helmChart: 'settings',
          helmChartVersion: '1.0.{{add values.value -2}}',
          helmValuesFrom: [{ configMap: { name: 'tuning' } }],
          helmValues: [
            { name: 'text', value: '{{values.value}}', forceString: true },
            { name: 'number', valueFrom: { parameterRef: { name: 'value' } } },
            { name: 'overruled', value: 'helmValues' },
          ],
        }),
      }),
      objects: [configMap('tuning', { 'values.yaml': 'fromFile: base\noverruled: file\n', 'zone-values.yaml': 'fromFile: slot\n' })],
    },
    {
      name: 'registry',
      definition: definition('registry', {
        metrics: [PRINTED],
        trialTemplate: printsSettings(
          {
            helmChart: `oci://${charts.registry}/charts/settings`,
            env: [{ name: 'SSL_CERT_FILE', value: '/authority/certificate.pem' }],
            volumeMounts: [{ name: 'authority', mountPath: '/authority' }],
          },
          { setupVolumes: [{ name: 'authority', configMap: { name: 'authority' } }] },
        ),
      }),
      objects: [configMap('authority', { 'certificate.pem': charts.certificate })],
    },
    {
      name: 'prometheus',
      definition: definition('prometheus', {
        metrics: [{ name: 'pushed', type: 'prometheus', query: 'pushed_total{job="trialRun"}' }],
        trialTemplate: trialJob(
          { args: ['printf "pushed_total 42\\n" > /tmp/pushed; exec wget -O - --post-file /tmp/pushed "$PUSHGATEWAY_URL"'] },
          {
            setupTasks: [
              {
                name: 'measure',
                helmChart: 'fieldtrial/prometheus',
                helmValues: [
                  { name: 'image', value: images.prometheus },
                  { name: 'pushgateway.image', value: images.pushgateway },
                ],
              },
            ],
          },
        ),
      }),
    },
    {
      name: 'files',
      definition: definition('files', {
        metrics: [PRINTED],
        trialTemplate: trialJob(
          { command: ['/load/run.sh'], args: [], envFrom: [{ configMapRef: { name: 'settings', optional: true } }] },
          {
            files: [
              { path: 'load', mountPath: '/load' },
              { path: 'seed/seed.txt', mountPath: '/seed' },
            ],
            setupTasks: [
              // What the setup task sees is told by whether it succeeds.
              { name: 'seed', image: runnerImage, command: ['sh', '-euc'], args: ['grep -q "not rendered" /seed/seed.txt'] },
            ],
          },
        ),
      }),
      files: {
        'load/run.sh': '#!/bin/sh\nset -eu\n. /load/lib/print.sh\nprint "$(cat /seed/seed.txt)" loaded\n',
        'load/lib/print.sh': `print() { printf '{"ok": 1, "settings": {"seed": "%s", "load": "%s"}}\\n' "$1" "$2"; }\n`,
        'seed/seed.txt': 'seeded with {{not rendered}}',
      },
    },
    {
      name: 'skipped',
      definition: definition('skipped', {
        trialTemplate: trialJob({}, { setupTasks: [{ name: 'db', manifests: ['cache.yaml'], skipCreate: true, skipDelete: true }] }),
      }),
      files: { 'cache.yaml': JSON.stringify(configMap('cache', {})) },
    },
    {
      name: 'delete-only',
      definition: definition('delete-only', {
        trialTemplate: trialJob(
          {},
          {
            setupTasks: [
              // Each task knows both modes: what the first one creates is deleted by the second.
              { name: 'create', manifests: ['cache.yaml'], skipDelete: true },
              { name: 'delete', manifests: ['cache.yaml'], skipCreate: true },
            ],
          },
        ),
      }),
      files: { 'cache.yaml': JSON.stringify(configMap('cache', {})) },
    },
    {
      name: 'claims',
      definition: definition('claims', { trialTemplate: trialJob({}, { setupTasks: [{ name: 'db', helmChart: 'charts/db' }] }) }),
      files: {
        'charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
        'charts/db/templates/db.yaml': JSON.stringify(database()),
      },
      clusterObjects: [
        { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: STORAGE }, provisioner: 'kubernetes.io/no-provisioner' },
        volume('setup-claims'),
      ],
      // Data for a second replica, put there by somebody.
      objects: [claim('data-db-1', { app: 'db' })],
      leaves: ['PersistentVolumeClaim data-db-1'],
    },
    {
      name: 'killed',
      definition: definition('killed', {
        parameters: [{ name: 'value', values: ['never', 'ready'] }],
        trialTemplate: trialJob(
          {},
          {
            timeouts: { setup: '15s' },
            setupTasks: [
              {
                name: 'web',
                helmChart: 'charts/web',
                helmValues: [{ name: 'file', value: '/{{#if (eq values.value "ready")}}{{else}}no{{/if}}' }],
              },
            ],
          },
        ),
      }),
      files: {
        'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
        'charts/web/templates/web.yaml': JSON.stringify(web()),
      },
      objects: [foreignRelease('web', 'pending-install')],
    },
  ];
}

function definition(name: string, spec: JsonObject): string {
  const parameters = [{ name: 'value', min: 2, max: 2 }];
  return JSON.stringify(definitionOf({ name, values: [], spec: { parameters, ...spec } }, name), undefined, 2);
}

/** A trial whose Job prints the ConfigMap that a chart has made. */
function printsSettings(task: JsonObject, spec: JsonObject = {}): JsonObject {
  const keys = ['text', 'number', 'fromFile', 'overruled', 'version'];
  const format = `{"ok": 1, "settings": {${keys.map((key) => `"${key}": "%s"`).join(', ')}}}\\n`;
  return trialJob(
    { args: [`printf '${format}' ${keys.map((key) => `"$${key}"`).join(' ')}`], envFrom: [{ configMapRef: { name: 'settings' } }] },
    { setupTasks: [{ name: 'settings', ...task }], ...spec },
  );
}

function configMap(name: string, data: Record<string, string>): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** A StatefulSet of one pod that claims the volume below. */
function database(): JsonObject {
  const labels = { app: 'db' };
  const container = {
    ...pause(),
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec() }],
    },
  };
}

function claim(name: string, labels: Record<string, string>): JsonObject {
  // Of a class that has no volume for it: one that is bound would take the StatefulSet's.
  const spec = { ...claimSpec(), storageClassName: `${STORAGE}-none` };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, labels }, spec };
}

function claimSpec(): JsonObject {
  return { accessModes: ['ReadWriteOnce'], storageClassName: STORAGE, resources: { requests: { storage: '1Mi' } } };
}

function volume(name: string): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: STORAGE,
      capacity: { storage: '1Mi' },
      hostPath: { path: `/tmp/${name}`, type: 'DirectoryOrCreate' },
    },
  };
}

/** A Deployment that is ready once there is a file, the chart's value. */
function web(): JsonObject {
  const labels = { app: 'web' };
  const container = { ...pause(), readinessProbe: { exec: { command: ['test', '-e', '{{ .Values.file }}'] }, periodSeconds: 1 } };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [container] } },
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
}

function pause(): JsonObject {
  return { name: 'app', image: 'busybox:latest', imagePullPolicy: 'IfNotPresent', command: ['sleep', '3600'] };
}
