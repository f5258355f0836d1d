import assert from 'node:assert/strict';
import { assignmentVariables, buildTrialJob } from '../../../runner/lifecycle/trial-job.ts';
import { mountFiles } from '../../../runner/lifecycle/mount-files.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { aSetupTask, aTrial, aTrialTemplate } from '../../support/trials.ts';

const IMAGE = 'fieldtrial:test';
const LABELS = {
  'fieldtrial.dev/experiment': 'sizing',
  'fieldtrial.dev/trial': 'sizing-001',
  'fieldtrial.dev/trial-role': 'trialRun',
  'fieldtrial.dev/trial-uid': 'trial-uid',
};

/** The Job of a template with this jobTemplate. */
function jobOf(jobTemplate: JsonObject, fields: Parameters<typeof aTrialTemplate>[0] = {}): any {
  return buildTrialJob(aTrial(), aTrialTemplate({ jobTemplate, ...fields }), IMAGE).job;
}

function podOf(podSpec: JsonObject): any {
  return jobOf({ spec: { template: { spec: podSpec } } }).spec.template.spec;
}

describe('the trial Job', () => {
  it('is named like the trial and lies in its slot', () => {
    const job = jobOf({});

    assert.equal(job.metadata.name, 'sizing-001');
    assert.equal(job.metadata.namespace, 'shop-1');
  });

  it('keeps a name of the template, never another namespace', () => {
    const job = jobOf({ metadata: { name: 'load', namespace: 'elsewhere' } });

    assert.equal(job.metadata.name, 'load');
    assert.equal(job.metadata.namespace, 'shop-1');
  });

  it('carries the labels of its trial on the Job and on its pods, beside those of the template', () => {
    const job = jobOf(
      { metadata: { labels: { of: 'job' } }, spec: { template: { metadata: { labels: { of: 'pod' } } } } },
      { labels: { team: 'shop', of: 'template' } },
    );

    assert.deepEqual(job.metadata.labels, { team: 'shop', of: 'job', ...LABELS });
    assert.deepEqual(job.spec.template.metadata.labels, { of: 'pod', ...LABELS });
  });

  it("does not let the template take the trial's labels away", () => {
    const job = jobOf({ metadata: { labels: { 'fieldtrial.dev/trial-uid': 'another' } } });

    assert.equal(job.metadata.labels['fieldtrial.dev/trial-uid'], 'trial-uid');
  });

  it('has the annotations of the trial template and its own', () => {
    const job = jobOf({ metadata: { annotations: { of: 'job' } } }, { annotations: { of: 'template', team: 'shop' } });

    assert.deepEqual(job.metadata.annotations, { of: 'job', team: 'shop' });
  });

  it('is tried once and not restarted', () => {
    const job = jobOf({});

    assert.equal(job.spec.backoffLimit, 0);
    assert.equal(job.spec.template.spec.restartPolicy, 'Never');
  });

  it('keeps how often the template wants it tried', () => {
    const job = jobOf({ spec: { backoffLimit: 2, completions: 3, template: { spec: { restartPolicy: 'OnFailure' } } } });

    assert.equal(job.spec.backoffLimit, 2);
    assert.equal(job.spec.completions, 3);
    assert.equal(job.spec.template.spec.restartPolicy, 'OnFailure');
  });

  it("ends a minute after the stage's deadline, so that a dead runner leaves no load", () => {
    assert.equal(jobOf({}).spec.activeDeadlineSeconds, 3_660);
  });

  it('keeps a shorter deadline of the template, not a longer one', () => {
    assert.equal(jobOf({ spec: { activeDeadlineSeconds: 30 } }).spec.activeDeadlineSeconds, 30);
    assert.equal(jobOf({ spec: { activeDeadlineSeconds: 99_999 } }).spec.activeDeadlineSeconds, 3_660);
  });

  it('is not deleted by a TTL before its logs are read', () => {
    assert.equal('ttlSecondsAfterFinished' in jobOf({ spec: { ttlSecondsAfterFinished: 0 } }).spec, false);
  });

  it('gives every container and init container the assignments', () => {
    const pod = podOf({ initContainers: [{ name: 'warm' }], containers: [{ name: 'load' }, { name: 'probe' }] });

    const variable = [{ name: 'CPU', value: '2' }];
    assert.deepEqual(pod.initContainers, [{ name: 'warm', env: variable }]);
    assert.deepEqual(pod.containers, [
      { name: 'load', env: variable },
      { name: 'probe', env: variable },
    ]);
  });

  it("puts assignments before the container's own variables, which may refer to them or replace them", () => {
    const own = [{ name: 'LIMIT', value: '$(CPU)m' }];

    assert.deepEqual(podOf({ containers: [{ name: 'load', env: own }] }).containers[0].env, [{ name: 'CPU', value: '2' }, ...own]);
    assert.deepEqual(podOf({ containers: [{ name: 'load', env: [{ name: 'CPU', value: '9' }] }] }).containers[0].env, [
      { name: 'CPU', value: '9' },
    ]);
  });

  it('gives every container and init container the files of the repository, beside its own mounts', () => {
    const podSpec = {
      volumes: [{ name: 'own', emptyDir: {} }],
      initContainers: [{ name: 'warm' }],
      containers: [{ name: 'load', volumeMounts: [{ name: 'own', mountPath: '/own' }] }],
    };
    const template = aTrialTemplate({ jobTemplate: { spec: { template: { spec: podSpec } } } });
    const mounted = mountFiles(aTrial(), [{ path: 'a.js', mountPath: '/load', below: 'a.js', content: Buffer.from('') }]);

    const { spec } = (buildTrialJob(aTrial(), template, IMAGE, undefined, mounted).job as any).spec.template;

    assert.deepEqual(spec.volumes, [...podSpec.volumes, ...mounted.volumes]);
    assert.deepEqual(spec.initContainers[0].volumeMounts, mounted.mounts);
    assert.deepEqual(spec.containers[0].volumeMounts, [{ name: 'own', mountPath: '/own' }, ...mounted.mounts]);
  });

  describe('beside a Prometheus of its own', () => {
    const setupTasks = [aSetupTask({ image: undefined, chart: { from: 'runner', chart: 'fieldtrial/prometheus' } })];
    const variablesOf = (podSpec: JsonObject) => {
      const { containers, initContainers } = jobOf({ spec: { template: { spec: podSpec } } }, { setupTasks }).spec.template.spec;
      const urls = (each: any[]) => each.map(({ env }) => env.find(({ name }: any) => name === 'PUSHGATEWAY_URL')?.value);
      return { containers: urls(containers), initContainers: urls(initContainers ?? []) };
    };

    it('tells its containers where to push, as a group of the trial', () => {
      assert.deepEqual(variablesOf({ initContainers: [{ name: 'warm' }], containers: [{ name: 'load' }] }), {
        containers: ['http://fieldtrial-prometheus:9091/metrics/job/trialRun/instance/sizing-001'],
        initContainers: [undefined],
      });
    });

    it('leaves a container that says itself where to push', () => {
      const env = [{ name: 'PUSHGATEWAY_URL', value: 'http://elsewhere' }];

      assert.deepEqual(variablesOf({ containers: [{ name: 'load', env }] }).containers, ['http://elsewhere']);
    });
  });

  describe("as the ancestor's tests have it (R§24.10)", () => {
    it('sleeps in one container where there are none', () => {
      assert.equal(podOf({}).containers.length, 1);
      assert.equal(podOf({}).containers[0].command[0], 'sleep');
    });

    it('has the two containers that there are', () => {
      assert.equal(podOf({ containers: [{ name: 'a' }, { name: 'b' }] }).containers.length, 2);
    });
  });

  it('names the containers whose exits decide', () => {
    const template = aTrialTemplate({
      jobTemplate: { spec: { template: { spec: { containers: [{ name: 'load' }, { name: 'probe' }] } } } },
    });

    assert.deepEqual(buildTrialJob(aTrial(), template, IMAGE).containers, ['load', 'probe']);
  });

  describe('without containers', () => {
    for (const [what, jobTemplate] of [
      ['no template', {}],
      ['an empty list', { spec: { template: { spec: { containers: [] } } } }],
    ] as const) {
      it(`sleeps for the approximate runtime and the offset with the runner's image, given ${what}`, () => {
        const template = aTrialTemplate({ jobTemplate, approximateRuntime: 90_000, startTimeOffset: 10_400 });

        const { job, containers } = buildTrialJob(aTrial(), template, IMAGE);

        const [sleep] = (job as any).spec.template.spec.containers;
        assert.deepEqual(containers, ['sleep']);
        assert.equal(sleep.image, IMAGE);
        assert.deepEqual(sleep.command, ['sleep', '100']);
      });
    }

    it('runs where Pod Security is restricted', () => {
      const [sleep] = jobOf({}).spec.template.spec.containers;

      assert.deepEqual(sleep.securityContext, {
        allowPrivilegeEscalation: false,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      });
    });
  });
});

describe('the variables of assignments', () => {
  it('have names that a shell can use, and text as values', () => {
    const variables = assignmentVariables([
      { name: 'min_replicas', value: 2 },
      { name: 'deployment/app.name/gc-threads', value: 0.5 },
      { name: 'gc', value: 'G1' },
    ]);

    assert.deepEqual(variables, [
      { name: 'MIN_REPLICAS', value: '2' },
      { name: 'DEPLOYMENT_APP_NAME_GC_THREADS', value: '0.5' },
      { name: 'GC', value: 'G1' },
    ]);
  });
});
