import assert from 'node:assert/strict';

import type { KubeObject } from '../../../../runner/cluster/port.ts';
import { podThat } from './pod-templates.ts';
import type { Workbench } from './workbench.ts';

/** On a cluster of one node. */
export function describeDaemonSets(bench: Workbench): void {
  const named = (name: string) => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', name });
  /** A pod that has ended but is not gone yet makes way for its successor. */
  const podsOf = async (name: string) =>
    (await bench.list('v1', 'Pod', `app=${name}`)).filter(({ metadata }) => !metadata.deletionTimestamp);
  const relabel = (version: string) => ({ spec: { template: { metadata: { labels: { version } } } } });

  function createSet(spec: Record<string, unknown> = {}): Promise<KubeObject> {
    const name = bench.name();
    const labels = { app: name };
    const template = podThat({ restartPolicy: 'Always', labels });
    return bench.create({ ...named(name), metadata: { name }, spec: { ...spec, selector: { matchLabels: labels }, template } });
  }

  it('run one pod on the node', async () => {
    const set = await createSet();
    const { name } = set.metadata;

    const states = await bench.statesUntil(set, isRolledOut);

    const waiting = states.find(({ status }) => status.currentNumberScheduled === 1 && status.numberReady === 0);
    assert.deepEqual(waiting?.status, {
      currentNumberScheduled: 1,
      desiredNumberScheduled: 1,
      numberMisscheduled: 0,
      numberReady: 0,
      numberUnavailable: 1,
      observedGeneration: 1,
      updatedNumberScheduled: 1,
    });
    assert.deepEqual(states.at(-1)!.status, {
      currentNumberScheduled: 1,
      desiredNumberScheduled: 1,
      numberAvailable: 1,
      numberMisscheduled: 0,
      numberReady: 1,
      observedGeneration: 1,
      updatedNumberScheduled: 1,
    });
    const [pod] = await podsOf(name);
    assert.match(pod!.metadata.name, new RegExp(`^${name}-[a-z0-9]{5}$`));
    assert.equal(pod!.metadata.labels!['pod-template-generation'], '1');
    assert.match(pod!.metadata.labels!['controller-revision-hash']!, /^[a-z0-9]+$/);
  });

  it('replace the pod by one of a new template', async () => {
    const { metadata } = await createSet();
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);
    const [old] = await podsOf(name);

    const patched = await bench.patch(named(name), relabel('2'));
    const states = await bench.statesUntil(patched, isRolledOut);

    const [pod, ...others] = await podsOf(name);
    assert.deepEqual(others, []);
    assert.equal(states.at(-1)!.metadata.annotations!['deprecated.daemonset.template.generation'], '2');
    assert.equal(pod!.metadata.labels!['pod-template-generation'], '2');
    assert.equal(pod!.metadata.labels!['version'], '2');
    assert.notEqual(pod!.metadata.labels!['controller-revision-hash'], old!.metadata.labels!['controller-revision-hash']);
    assert.ok(states.some(({ status }) => status.numberUnavailable === 1));
  });

  it('leave replacing to whoever deletes pods when they are told so', async () => {
    const { metadata } = await createSet({ updateStrategy: { type: 'OnDelete' } });
    const { name } = metadata;
    await bench.until(named(name), isRolledOut);

    await bench.patch(named(name), relabel('2'));
    const { status } = await bench.until(named(name), (each) => each.status.observedGeneration === 2);
    const [pod] = await podsOf(name);
    await bench.remove({ apiVersion: 'v1', kind: 'Pod', name: pod!.metadata.name });
    await bench.until(named(name), isRolledOut);

    assert.equal(status.updatedNumberScheduled, undefined);
    const [successor] = await podsOf(name);
    assert.equal(successor!.metadata.labels!['version'], '2');
  });
}

function isRolledOut({ metadata, status }: KubeObject): boolean {
  return status.observedGeneration === metadata.generation && status.updatedNumberScheduled === 1 && status.numberAvailable === 1;
}
