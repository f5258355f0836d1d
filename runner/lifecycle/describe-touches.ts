import type { ApiKeys } from '../metrics/access/api-keys.ts';
import { metricUrl } from '../metrics/metric-url.ts';
import type { Experiment } from '../model/experiment.ts';
import { slotNamespaceNames } from '../model/slot-namespace.ts';
import type { RenderedTrial, Trial } from '../model/trial.ts';
import { renderText } from '../template/render-text.ts';
import { TemplateError } from '../template/template-error.ts';
import { patchReferences, podReferences, type PodReference } from './pod-references.ts';
import { sampleQueryScope } from './sample-scope.ts';
import { setupOrders } from './setup-orders.ts';

/**
 * What a trial uses besides its own Jobs: for whoever reviews the experiment. Each list is sorted and without doubles. What charts make is
 * not known without helm and is left out.
 */
export type Touches = {
  patchTargets: string[];
  /** Objects that its setup applies from manifests; those outside its slot have their namespace before the name. */
  setupObjects: string[];
  serviceAccounts: string[];
  /** Secrets that pods mount, read into their environment or pull images with; pods of its Jobs and manifests, and those that it patches. */
  secrets: string[];
  /** Of the same pods. */
  images: string[];
  /** Files and folders of the node that the same pods mount. */
  hostPaths: string[];
  /** Hosts that metrics ask, and that charts come from. */
  hosts: string[];
  /** Namespaces that are made where they are missing and the installation lists no others. */
  namespaces: string[];
};

/** Reads from the rendered manifests and patches what a trial of the experiment touches. */
export function describeTouches(
  rendered: RenderedTrial,
  { namespaceTemplate, replicas }: Pick<Experiment, 'namespaceTemplate' | 'replicas'>,
  keys: ApiKeys,
): Touches {
  const { job, setup, patches, metrics, trial } = rendered;
  const applied = setupOrders(rendered).flatMap((order) => (order.type === 'manifests' ? order.objects : []));
  const used = [
    ...[job, setup?.create, setup?.delete, ...applied].flatMap(podReferences),
    ...patches.flatMap(({ target, type, body }) => patchReferences(target, type, body)),
  ];
  const namesOf = (wanted: PodReference['kind']) => sorted(used.flatMap(({ kind, name }) => (kind === wanted ? [name] : [])));
  return {
    patchTargets: sorted(patches.map(({ target }) => `${target.kind} ${target.name}`)),
    setupObjects: sorted(applied.map((object) => describeObject(object, trial))),
    serviceAccounts: namesOf('serviceAccounts'),
    secrets: namesOf('secrets'),
    images: namesOf('images'),
    hostPaths: namesOf('hostPaths'),
    hosts: sorted([...metrics.flatMap((metric) => hostOf(metricUrl(metric, keys), trial)), ...(setup?.hosts ?? [])]),
    // In the order of their numbers.
    namespaces: namespaceTemplate === undefined ? [] : slotNamespaceNames(namespaceTemplate, replicas),
  };
}

/** The touches whose lists are these. */
export function touchesBy(list: (kind: keyof Touches) => string[]): Touches {
  return {
    patchTargets: list('patchTargets'),
    setupObjects: list('setupObjects'),
    serviceAccounts: list('serviceAccounts'),
    secrets: list('secrets'),
    images: list('images'),
    hostPaths: list('hostPaths'),
    hosts: list('hosts'),
    namespaces: list('namespaces'),
  };
}

/** What any of several trials of one experiment touches. */
export function uniteTouches(first: Touches, others: readonly Touches[]): Touches {
  const united = touchesBy((kind) => sorted([first, ...others].flatMap((touches) => touches[kind])));
  return { ...united, namespaces: first.namespaces };
}

function describeObject(object: any, { slot }: Trial): string {
  const { namespace = slot, name } = object?.metadata ?? {};
  return `${object?.kind} ${namespace === slot ? '' : `${namespace}/`}${name}`;
}

/** Names that each trial has for itself stay as they are written, and so does an address that only the cluster can complete. */
function hostOf(url: string | undefined, trial: Trial): string[] {
  if (url === undefined) return [];
  const address = renderedAddress(url, { ...trial, slot: '{{trial.namespace}}', name: '{{trial.name}}' });
  return [URL.parse(address)?.host ?? address];
}

function renderedAddress(url: string, trial: Trial): string {
  try {
    return renderText(url, sampleQueryScope(trial)).trim();
  } catch (error) {
    if (error instanceof TemplateError) return url;
    throw error;
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted();
}
