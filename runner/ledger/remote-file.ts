import { dump, load } from 'js-yaml';
import { API_VERSION } from '../model/names.ts';
import type { RemoteState } from '../model/remote.ts';

/** An experiment's `remote.yaml` on the results branch; `undefined` is one that somebody left there and nobody can read. */
export type RemoteFile = { path: string; experiment: string; blob: string; state: RemoteState | undefined };

export function remotePath(experiment: string): string {
  return `experiments/${experiment}/remote.yaml`;
}

/** Whose `remote.yaml` a path is. */
export function parseRemotePath(path: string): string | undefined {
  return /^experiments\/([^/]+)\/remote\.yaml$/.exec(path)?.[1];
}

/** The same state gives the same bytes. */
export function formatRemote(experiment: string, { link, owed }: RemoteState): string {
  const { url, trialsUrl, nextTrialUrl, definition, finished } = link ?? {};
  const spec = { url, trialsUrl, nextTrialUrl, definition };
  const status = { finished, owed: owed.map(({ trial, uid, url: reportUrl }) => ({ trial, uid, url: reportUrl })) };
  const file = { apiVersion: API_VERSION, kind: 'RemoteExperiment', metadata: { name: experiment }, ...(link && { spec }), status };
  return dump(JSON.parse(JSON.stringify(file)), { lineWidth: -1, noRefs: true });
}

/** undefined when it is not what formatRemote wrote. */
export function parseRemote(text: string): RemoteState | undefined {
  const { kind, spec, status } = (readYaml(text) ?? {}) as { kind?: unknown; spec?: any; status?: any };
  if (kind !== 'RemoteExperiment' || !isListOf(status?.owed, ['trial', 'uid', 'url'])) return undefined;
  const fields = ['url', 'trialsUrl', 'nextTrialUrl', 'definition'];
  if (spec !== undefined && !isListOf([spec], fields)) return undefined;
  const finished = typeof status.finished === 'string' ? { finished: status.finished } : {};
  return { ...(spec !== undefined && { link: { ...spec, ...finished } }), owed: status.owed };
}

function readYaml(text: string): unknown {
  try {
    return load(text);
  } catch {
    // Whoever asks is told that nothing can be read there, and warns.
    return undefined;
  }
}

function isListOf(list: unknown, fields: readonly string[]): boolean {
  return Array.isArray(list) && list.every((item) => fields.every((field) => typeof item?.[field] === 'string'));
}
