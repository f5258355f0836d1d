import type { CheckedExperiment } from '../check-definitions.ts';
import type { KubeObject } from '../cluster/port.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { readManifests, searchManifests } from './find-manifests.ts';
import type { FoundObject } from './objects-of.ts';
import { chartRenderer } from './render-chart.ts';
import { setupObjects } from './setup-objects.ts';
import { refKey, refOf, wantedObjects } from './wanted-objects.ts';

export type SlotObjects = {
  /** To be in the slot before the first trial. */
  found: FoundObject[];
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
      : await searchManifests(wanted, { ...source, near: loaded.folder, left: loaded.usedFiles });
  return {
    found: objects.filter(({ object }) => !isDefinition(object) && !isMade.has(refKey(refOf(object)))),
    definitions: objects.map(({ object }) => object).filter(isDefinition),
    bySetup,
    notices,
    problems,
  };
}

function isDefinition({ kind }: KubeObject): boolean {
  return kind === 'CustomResourceDefinition';
}
