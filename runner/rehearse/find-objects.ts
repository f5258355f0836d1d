import { createStore } from '../../sandbox/create-store.ts';
import { SERVED_KINDS } from '../../sandbox/served-kinds.ts';
import type { CheckedExperiment } from '../check-definitions.ts';
import type { KubeObject } from '../cluster/port.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { readManifests, searchManifests, type Refusal } from './find-manifests.ts';
import type { FoundObject } from './objects-of.ts';
import { placeObject } from './place-object.ts';
import { missingKinds } from './prepare-slot.ts';
import { chartRenderer } from './render-chart.ts';
import { setupObjects } from './setup-objects.ts';
import { refKey, refOf, wantedKinds, wantedObjects } from './wanted-objects.ts';

export type SlotObjects = {
  /** To be in the slot before the first trial. */
  found: FoundObject[];
  /** Somebody says that what was found belongs there. */
  isNamed: boolean;
  /** CustomResourceDefinitions beside them. */
  definitions: KubeObject[];
  /** What the trial's own setup puts there. */
  bySetup: KubeObject[];
  notices: string[];
  problems: string[];
};

/** What the repository has of a slot's content: the manifests that are named, else those in which something wanted is found. */
export async function findObjects(
  { sample, loaded }: CheckedExperiment,
  named: readonly string[],
  { files, helm, ownCharts, workdir }: { files: RepositoryFiles; helm: RunHelm | undefined; ownCharts(): Promise<string>; workdir: string },
  signal: AbortSignal,
): Promise<SlotObjects> {
  const bySetup = await setupObjects(sample, { helm, ownCharts, workdir }, signal);
  const isMade = new Set(bySetup.map((object) => refKey(refOf(object))));
  const wanted = wantedObjects(sample).filter((ref) => !isMade.has(refKey(ref)));
  const source = { files, renderChart: helm && chartRenderer(helm, workdir), signal };
  const { objects, notices, problems } =
    named.length > 0
      ? await readManifests(named, source)
      : await searchManifests(wanted, { ...source, near: loaded.folder, left: loaded.usedFiles, refusal: refusalOf(sample) });
  return {
    found: objects.filter(({ object }) => !isDefinition(object) && !isMade.has(refKey(refOf(object)))),
    definitions: objects.map(({ object }) => object).filter(isDefinition),
    isNamed: named.length > 0,
    bySetup,
    notices,
    problems,
  };
}

/** Asks a cluster in which nothing else is. */
function refusalOf(sample: RenderedTrial): Refusal {
  const store = createStore({ kinds: missingKinds(wantedKinds(sample), SERVED_KINDS, []) });
  return (object) => placeObject(object, 'default', store, { dryRun: true }).refused;
}

function isDefinition({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition';
}
