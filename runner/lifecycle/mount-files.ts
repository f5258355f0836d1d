import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import type { JsonObject } from '../model/experiment.ts';
import type { Trial } from '../model/trial.ts';
import { configMapData, type SetupFile } from './config-map-data.ts';
import { trialLabels } from './trial-labels.ts';

/** A file of the repository, and its place below the folder that containers find it in. */
export type MountedFile = { path: string; mountPath: string; below: string; content: Buffer };

/** Files of the repository for a trial's containers: the ConfigMap that holds them, and how a pod mounts it. */
export type MountedFiles = {
  configMap: JsonObject;
  volumes: { name: string; configMap: object }[];
  mounts: { name: string; mountPath: string; readOnly: true }[];
};

/** Readable by everybody, and scripts may be run. */
const MODE = 0o555;

/**
 * The ConfigMap `<trial>-files` with the bytes of each file once, and a read-only volume for each folder, which says what key is what
 * path: keys know no folders.
 */
export function mountFiles(trial: Trial, files: readonly MountedFile[]): MountedFiles {
  const metadata = { name: `${trial.name}-files`, namespace: trial.slot, labels: trialLabels(trial, 'trialRun') };
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const keys = new Map([...contents.keys()].map((path, index) => [path, keyOf(path, index)]));
  const folders = [...Map.groupBy(files, ({ mountPath }) => mountPath)].map(([mountPath, mounted], index) => ({
    name: `fieldtrial-files-${index}`,
    mountPath,
    items: mounted.map(({ path, below }) => ({ key: keys.get(path), path: below })),
  }));
  return {
    configMap: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      ...configMapData([...contents].map(([path, content]) => asIs(keys.get(path)!, content))),
    },
    volumes: folders.map(({ name, items }) => ({ name, configMap: { name: metadata.name, defaultMode: MODE, items } })),
    mounts: folders.map(({ name, mountPath }) => ({ name, mountPath, readOnly: true })),
  };
}

/** Unique by its number, and readable by its name; a ConfigMap's key has letters, digits, `-`, `_` and `.`. */
function keyOf(path: string, index: number): string {
  return `${index}-${posix.basename(path).replaceAll(/[^-._a-zA-Z0-9]/g, '_')}`;
}

/** Text where nothing is lost by it, so that people can read the ConfigMap. */
function asIs(key: string, content: Buffer): SetupFile {
  return isUtf8(content) ? { key, text: content.toString('utf8') } : { key, binary: content };
}
