import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { KubeObject } from '../cluster/port.ts';
import { parseYaml } from '../definition/read-yaml.ts';
import type { RepositoryFiles } from '../definition/repository-files.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { objectsOf } from './objects-of.ts';

export type ChartToRender = { folder: string; release: string; files: RepositoryFiles };

export type RenderedChart = { objects: KubeObject[] } | { refused: string };

/** What `helm template` makes of a chart of the repository with its own values; helm's own words where it refuses. */
export type RenderChart = (chart: ChartToRender, signal: AbortSignal) => Promise<RenderedChart>;

/** The chart is copied first: helm reads all of its folder, and links that lead out of the repository are not followed. */
export function chartRenderer(helm: RunHelm, workdir: string): RenderChart {
  return async ({ folder, release, files }, signal) => {
    const copy = join(await mkdtemp(join(workdir, 'chart-')), posix.basename(folder));
    for (const path of await files.list(folder)) {
      const place = join(copy, posix.relative(folder, path));
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, await files.read(path));
    }
    return templateChart(['template', release, copy], helm, signal);
  };
}

/** The objects that `helm template` prints for these arguments, hooks and tests left out. */
export async function templateChart(args: readonly string[], helm: RunHelm, signal: AbortSignal): Promise<RenderedChart> {
  try {
    const text = await helm([...args, '--no-hooks', '--skip-tests'], signal);
    const documents = parseYaml(text, 'helm template').documents.map(({ value }) => value);
    return { objects: objectsOf(documents, '').map(({ object }) => object) };
  } catch (error) {
    signal.throwIfAborted();
    const { stderr } = error as { stderr?: unknown };
    if (typeof stderr !== 'string') throw error;
    return { refused: stderr.trim().replaceAll(/\s*\n\s*/g, '; ') };
  }
}
