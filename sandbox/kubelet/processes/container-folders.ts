import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ownField } from '../../../kubernetes/patches/own-fields.ts';
import type { Store, StoredObject } from '../../store.ts';
import { missingObject, readData } from './container-environment.ts';

/** Where a path of the container is on this machine. */
export type Mount = { mountPath: string; folder: string };

/** The folders of one pod: a working directory, and a folder for each of its volumes. */
export type PodFolders = {
  workingFolder: string;
  mountsOf(container: any): Mount[];
  remove(): void;
};

/**
 * Makes a pod's volumes as folders below a given one: the files of ConfigMaps and Secrets, and an empty folder for
 * every other kind. Like the kubelet's, they are made once per pod, so that its containers share them.
 */
export function makePodFolders(store: Pick<Store, 'kind' | 'get'>, pod: StoredObject, parent: string): PodFolders | { refused: string } {
  const outside = [...volumesOf(pod).flatMap(pathsOf), ...mountsOf(pod)].find((path) => path.split('/').includes('..'));
  if (outside !== undefined) return { refused: `path "${outside}" of pod ${pod.metadata.name} leads out of its volume` };
  const contents = volumesOf(pod).map((volume) => readVolume(store, pod, volume));
  const refusal = contents.find((content) => 'refused' in content);
  if (refusal !== undefined) return refusal;

  const root = mkdtempSync(join(parent, `${pod.metadata.name}-`));
  const workingFolder = join(root, 'work');
  mkdirSync(workingFolder);
  for (const [index, { name }] of volumesOf(pod).entries()) {
    const folder = join(root, 'volumes', name);
    mkdirSync(folder, { recursive: true });
    for (const [path, text] of Object.entries((contents[index] as { files: Record<string, string> }).files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  }
  return {
    workingFolder,
    mountsOf: ({ volumeMounts = [] }) =>
      volumeMounts.map(({ name, mountPath, subPath = '' }: any) => ({ mountPath, folder: join(root, 'volumes', name, subPath) })),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Folders of the machine instead of those in the container, wherever text names them; a path that merely begins alike stays. */
export function replaceMounts(text: string, mounts: readonly Mount[]): string {
  const longestFirst = mounts.toSorted((one, other) => other.mountPath.length - one.mountPath.length);
  return longestFirst.reduce((replaced, { mountPath, folder }) => {
    const path = mountPath.replace(/\/$/, '').replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
    return replaced.replaceAll(new RegExp(`(?<![\\w./-])${path}(?![\\w.-])`, 'g'), () => folder);
  }, text);
}

function volumesOf({ spec }: StoredObject): any[] {
  return spec.volumes ?? [];
}

function pathsOf({ configMap, secret }: any): string[] {
  return ((configMap ?? secret)?.items ?? []).map(({ path }: any) => path);
}

function mountsOf({ spec }: StoredObject): string[] {
  const containers: any[] = [...(spec.initContainers ?? []), ...spec.containers];
  return containers.flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ subPath = '' }: any) => subPath));
}

function readVolume(
  store: Pick<Store, 'kind' | 'get'>,
  pod: StoredObject,
  { configMap, secret }: any,
): { files: Record<string, string> } | { refused: string } {
  if (!configMap && !secret) return { files: {} };
  const kind = configMap ? 'ConfigMap' : 'Secret';
  const { items, optional } = configMap ?? secret;
  const name: string = configMap?.name ?? secret.secretName;
  const data = readData(store, pod, kind, name);
  if (data === undefined) return optional === true ? { files: {} } : { refused: missingObject(kind, name) };
  if (items === undefined) return { files: data };
  const chosen = items.map(({ key, path }: any) => [path, ownField(data, key)]).filter(([, text]: any) => text !== undefined);
  return { files: Object.fromEntries(chosen) };
}
