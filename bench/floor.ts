import { openApi, type Access } from './api.ts';
import { APP, SETUP_ACCOUNT, appPatch, loadTemplate, runTime, slotNames, type Load } from './loads.ts';

// The floor: the same Jobs, patches and rollouts as the runner's, one after the other in each slot, by the shortest way there is. It
// follows one watch per kind and slot, waits for nothing that the next step does not need, and keeps no journal, record or lock.
const { access, load, run } = JSON.parse(process.argv[2] ?? '') as { access: Access; load: Load; run: string };
const api = openApi(access);
await Promise.all(slotNames(load.slots).map((slot, index) => workSlot(slot, index, load, run)));
await api.close();

async function workSlot(slot: string, index: number, { kind, trials, seconds }: Load, run: string): Promise<void> {
  const jobs = `/apis/batch/v1/namespaces/${slot}/jobs`;
  const pods = follow(`/api/v1/namespaces/${slot}/pods?labelSelector=bench-run%3D${run}`);
  const deployment = `/apis/apps/v1/namespaces/${slot}/deployments`;
  const rollouts = kind !== 'rollout' ? undefined : follow(`${deployment}?fieldSelector=metadata.name%3D${APP}`);
  const removals: Promise<unknown>[] = [];

  const runJob = async (name: string, template: { metadata: object; spec: object }) => {
    const labels = { 'bench-run': run, 'bench-job': name };
    const metadata = { ...template.metadata, labels };
    await api.call('POST', jobs, { metadata: { name, labels }, spec: { backoffLimit: 0, template: { ...template, metadata } } });
    await pods.until(({ metadata: { labels: of }, status }) => of['bench-job'] === name && status.phase === 'Succeeded');
    removals.push(api.call('DELETE', `${jobs}/${name}`, { propagationPolicy: 'Background' }));
  };

  for (let number = 1; number <= trials; number += 1) {
    const trial = `floor-${run}-${String(number).padStart(3, '0')}`;
    say('trial-started');
    if (kind === 'setup') await runJob(`${trial}-create`, setupTemplate('create'));
    if (rollouts !== undefined) {
      const { metadata } = await api.call('PATCH', `${deployment}/${APP}`, appPatch(`${run}-${number}`));
      await rollouts.until((app) => app.metadata.generation >= metadata.generation && isRolledOut(app));
    }
    await runJob(trial, loadTemplate(runTime(seconds, evenly(number + index * trials))));
    if (kind === 'setup') await runJob(`${trial}-delete`, setupTemplate('delete'));
    say('trial-finished');
  }
  await Promise.all(removals);
}

/** The fractions of the golden ratio's multiples: any stretch of them is spread evenly over 0 … 1. */
function evenly(index: number): number {
  return (index * 0.618034) % 1;
}

function setupTemplate(mode: string): { metadata: object; spec: object } {
  const containers = [{ name: 'database', image: 'setup', args: [mode] }];
  return { metadata: {}, spec: { restartPolicy: 'Never', serviceAccountName: SETUP_ACCOUNT, containers } };
}

function isRolledOut({ metadata, spec, status }: any): boolean {
  const { observedGeneration, replicas, updatedReplicas, availableReplicas } = status;
  return (
    observedGeneration === metadata.generation && [replicas, updatedReplicas, availableReplicas].every((count) => count === spec.replicas)
  );
}

/** One watch over a slot's whole life; `until` resolves with the first event that is awaited, seen before or not. */
function follow(path: string): { until(isAwaited: (object: any) => boolean): Promise<void> } {
  const latest = new Map<string, any>();
  let look = () => {};
  void api.watch(path, ({ object }) => {
    latest.set(object.metadata.name, object);
    look();
  });
  return {
    until(isAwaited) {
      const { promise, resolve } = Promise.withResolvers<void>();
      look = () => {
        if ([...latest.values()].some(isAwaited)) resolve();
      };
      look();
      return promise;
    },
  };
}

/** As the runner says it with `-o json`. */
function say(type: string): void {
  process.stdout.write(`${JSON.stringify({ type })}\n`);
}
