import assert from 'node:assert/strict';
import { jobPatching } from '../../../runner/lifecycle/patch-trial-job.ts';
import { buildTrialJob } from '../../../runner/lifecycle/trial-job.ts';
import { InvalidInput } from '../../../runner/model/errors.ts';
import type { JsonObject } from '../../../runner/model/experiment.ts';
import { fromYaml } from '../../support/from-yaml.ts';
import { aTrial, aTrialTemplate } from '../../support/trials.ts';

const TEMPLATE = fromYaml(`
spec:
  template:
    spec:
      containers:
        - {name: load, image: "load:1", args: [run], env: [{name: USERS, value: "10"}]}
        - {name: proxy, image: "proxy:1"}
`) as unknown as JsonObject;

/** The Job of a trial of `sizing` with `cpu: 2`, once these patches are merged into it. */
async function patched(bodies: string[], jobTemplate: JsonObject = TEMPLATE): Promise<{ job: any; containers: string[] }> {
  const patches = bodies.map((body, index) => ({ index, body: fromYaml(body) as unknown }));
  const patch = await jobPatching(patches, ([, , index]) => ({ file: 'e.yaml', line: 10 + Number(index) }));
  return buildTrialJob(aTrial(), aTrialTemplate({ jobTemplate }), 'fieldtrial:test', patch);
}

async function refusal(...bodies: string[]): Promise<string[]> {
  try {
    await patched(bodies);
  } catch (error) {
    assert.ok(error instanceof InvalidInput);
    return error.message.split('\n');
  }
  return assert.fail('nothing was refused');
}

const ofLoad = (fields: string) => `spec: {template: {spec: {containers: [{name: load, ${fields}}]}}}`;

describe("patches merged into the trial's own Job", () => {
  it('merge lists by their keys, as the API server would', async () => {
    const { job } = await patched([ofLoad('env: [{name: USERS, value: "20"}, {name: RAMP, value: 1m}], resources: {limits: {cpu: 2}}')]);

    const [load, proxy] = job.spec.template.spec.containers;
    assert.deepEqual(
      load.env.filter(({ name }: any) => name !== 'CPU'),
      [
        { name: 'USERS', value: '20' },
        { name: 'RAMP', value: '1m' },
      ],
    );
    assert.deepEqual(
      { image: load.image, args: load.args, resources: load.resources },
      { image: 'load:1', args: ['run'], resources: { limits: { cpu: 2 } } },
    );
    assert.equal(proxy.image, 'proxy:1');
  });

  it('are all merged, one after the other, where the ancestor took the first alone', async () => {
    const { job } = await patched(['spec: {parallelism: 2}', 'spec: {completions: 4}', 'spec: {parallelism: 3}']);

    assert.deepEqual({ parallelism: job.spec.parallelism, completions: job.spec.completions }, { parallelism: 3, completions: 4 });
  });

  it('obey directives', async () => {
    const { job, containers } = await patched(['spec: {template: {spec: {containers: [{name: proxy, $patch: delete}]}}}']);

    assert.deepEqual(containers, ['load']);
    assert.equal(job.spec.template.spec.containers.length, 1);
  });

  it('may add a container, which gets the assignments like any other and whose exit counts', async () => {
    const { job, containers } = await patched(['spec: {template: {spec: {containers: [{name: probe, image: "probe:1"}]}}}']);

    const probe = job.spec.template.spec.containers.find(({ name }: any) => name === 'probe');
    assert.deepEqual(probe.env, [{ name: 'CPU', value: '2' }]);
    assert.deepEqual(containers.toSorted(), ['load', 'probe', 'proxy']);
  });

  it('reach the container that sleeps where the template has none', async () => {
    const { job } = await patched(['spec: {template: {spec: {containers: [{name: sleep, resources: {limits: {cpu: 50m}}}]}}}'], {});

    const [sleep] = job.spec.template.spec.containers;
    assert.deepEqual([sleep.image, sleep.resources.limits], ['fieldtrial:test', { cpu: '50m', memory: '64Mi' }]);
  });

  it('change nothing when they have no body', async () => {
    const patch = await jobPatching([{ index: 0, body: undefined }], () => ({ file: 'e.yaml' }));

    assert.deepEqual(patch({ kind: 'Job' }, 60), { kind: 'Job' });
  });
});

describe("what a patch of the trial's own Job may not do", () => {
  it("is to take away what makes the Job the trial's: its names and labels", async () => {
    assert.deepEqual(await refusal('metadata: {name: other, labels: {fieldtrial.dev/trial-uid: mine}}'), [
      "e.yaml:10: spec.patches[0].patch: changes metadata.name of the trial's own Job, by which the runner finds it; leave it out",
      'e.yaml:10: spec.patches[0].patch: changes metadata.labels["fieldtrial.dev/trial-uid"] of the trial\'s own Job, by which the runner finds it; leave it out',
    ]);
  });

  it('is to remove a label of the pods, or all of them', async () => {
    const one = await refusal('spec: {template: {metadata: {labels: {fieldtrial.dev/trial-role: null}}}}');
    const all = await refusal('spec: {template: {metadata: {labels: {$patch: replace}}}}');

    assert.deepEqual([one.length, all.length], [1, 4]);
  });

  it('is to let it run longer than its stage, or without end', async () => {
    const longer = await refusal('spec: {activeDeadlineSeconds: 7200}');
    const endless = await refusal('spec: {activeDeadlineSeconds: null}');

    assert.match(longer[0]!, /makes spec\.activeDeadlineSeconds 7200, beyond 3660; raise timeouts\.run instead/);
    assert.match(endless[0]!, /makes spec\.activeDeadlineSeconds unlimited/);
  });

  it('is to have it deleted before its logs are read', async () => {
    assert.match((await refusal('spec: {ttlSecondsAfterFinished: 0}'))[0]!, /the runner deletes the Job itself/);
  });

  it('is to leave it without containers', async () => {
    const bodies = ['spec: {template: {spec: {containers: null}}}', '{$patch: delete}'];

    for (const body of bodies) assert.match((await refusal(body)).at(-1)!, /leaves the trial's own Job without containers/);
  });

  it('is to give a number where Kubernetes wants text, which is told with its place', async () => {
    assert.deepEqual(await refusal('spec: {parallelism: 2}', ofLoad('env: [{name: USERS, value: 20}]')), [
      'e.yaml:11: spec.patches[1].patch: spec.template.spec.containers[0].env[0].value is the number 20, where text is wanted; put it in quotes',
    ]);
  });

  it('is to have fields that a Job does not have, or of another type', async () => {
    assert.deepEqual(await refusal('{spec: {parallel: 2, suspend: "no", completions: two, template: []}}'), [
      'e.yaml:10: spec.patches[0].patch: spec.parallel is no field that it has',
      'e.yaml:10: spec.patches[0].patch: spec.suspend is the string "no", not true or false',
      'e.yaml:10: spec.patches[0].patch: spec.completions is the string "two", not a number',
      'e.yaml:10: spec.patches[0].patch: spec.template is a list, not a mapping',
    ]);
  });

  it('is to have list items without their key', async () => {
    assert.match(
      (await refusal('spec: {template: {spec: {containers: [{image: "load:2"}]}}}'))[0]!,
      /cannot be merged into the trial's own Job: .*merge key: name/,
    );
  });
});
