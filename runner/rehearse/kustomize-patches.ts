import { posix } from 'node:path';
import { parseYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';

/**
 * Of these files of a repository, those that a kustomization lists as patches: they look like objects and are parts of some. The fields
 * are `patches`, `patchesStrategicMerge` and `patchesJson6902` of kustomize.config.k8s.io/v1beta1. What is no YAML lists nothing.
 */
export async function kustomizePatches(paths: readonly string[], files: RepositoryFiles): Promise<Set<string>> {
  const listed = await Promise.all(
    paths.filter(isKustomization).map(async (path) => {
      const { documents } = parseYaml((await files.read(path)).toString('utf8'), path);
      return documents.flatMap(({ value }) => patchesOf(value)).map((patch) => posix.join(posix.dirname(path), patch));
    }),
  );
  return new Set(listed.flat());
}

/** By the names that kustomize looks for. */
export function isKustomization(path: string): boolean {
  return /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(path);
}

/** Some stand in the kustomization itself, as text that is the name of no file. */
function patchesOf(kustomization: any): string[] {
  const { patches, patchesStrategicMerge, patchesJson6902 } = kustomization ?? {};
  return [...listOf(patchesStrategicMerge), ...[...listOf(patches), ...listOf(patchesJson6902)].map((patch) => patch?.path)].filter(
    (path) => typeof path === 'string',
  );
}

function listOf(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}
