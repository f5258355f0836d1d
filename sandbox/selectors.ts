import { ownField } from '../kubernetes/patches/own-fields.ts';
import { badRequest } from './status-errors.ts';
import type { ServedKind, StoredObject } from './store.ts';

export type LabelSelector = {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
};

/** The selector object of a workload; an empty one matches everything. */
export function matchesLabelSelector(selector: LabelSelector, labels: Record<string, string>): boolean {
  const pairs = Object.entries(selector.matchLabels ?? {});
  return (
    pairs.every(([key, value]) => ownField(labels, key) === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => fits(ownField(labels, key), operator, values))
  );
}

/** The query parameter `labelSelector`; throws StatusError 400. Grammar of k8s.io/apimachinery/pkg/labels/selector.go. */
export function parseLabelSelector(text: string): (object: StoredObject) => boolean {
  const requirements = splitTerms(text).map((term) => parseRequirement(term, text));
  return ({ metadata: { labels = {} } }) =>
    requirements.every(({ key, operator, values }) => fits(ownField(labels, key), operator, values));
}

/** The query parameter `fieldSelector`; throws StatusError 400, also for a field by which the kind cannot be selected. */
export function parseFieldSelector(text: string, kind: Pick<ServedKind, 'group' | 'kind'>): (object: StoredObject) => boolean {
  const terms = text.split(',').filter((term) => term !== '');
  const requirements = terms.map((term) => {
    const match = /^([^=!]+)(==?|!=)(.*)$/.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field, operator, value] = match as unknown as [string, string, string, string];
    if (!isSelectable(field, kind)) throw notSelectable(field, kind);
    return { path: field.split('.'), isWanted: operator !== '!=', value };
  });
  return (object) => requirements.every(({ path, isWanted, value }) => (textAt(object, path) === value) === isWanted);
}

type Requirement = { key: string; operator: string; values: string[] };

function fits(value: string | undefined, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Gt':
      return Number(value) > Number(values[0]);
    case 'Lt':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Commas inside parentheses belong to a list of values. */
function splitTerms(text: string): string[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map((term) => term.trim());
}

const KEY = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?';
const VALUE = '[-A-Za-z0-9_.]*';
const OPERATORS: Record<string, string> = { '=': 'In', '==': 'In', '!=': 'NotIn', in: 'In', notin: 'NotIn', '>': 'Gt', '<': 'Lt' };

function parseRequirement(term: string, text: string): Requirement {
  const presence = new RegExp(`^(!?)\\s*(${KEY})$`).exec(term);
  if (presence !== null) return { key: presence[2]!, operator: presence[1] === '!' ? 'DoesNotExist' : 'Exists', values: [] };
  const comparison = new RegExp(`^(${KEY})\\s*(==|=|!=|<|>)\\s*(${VALUE})$`).exec(term);
  if (comparison !== null) return { key: comparison[1]!, operator: OPERATORS[comparison[2]!]!, values: [comparison[3]!] };
  const choice = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`).exec(term);
  if (choice !== null) {
    return { key: choice[1]!, operator: OPERATORS[choice[2]!]!, values: choice[3]!.split(',').map((value) => value.trim()) };
  }
  throw badRequest(`unable to parse requirement: found '${term}' in the label selector '${text}'`);
}

/** Beside metadata.name and metadata.namespace: the conversion functions of k8s.io/kubernetes/pkg/apis. */
const SELECTABLE: Record<string, readonly string[]> = {
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  Event: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((field) => `involvedObject.${field}`),
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
  Job: ['status.successful'],
  ReplicaSet: ['status.replicas'],
  ReplicationController: ['status.replicas'],
};

function isSelectable(field: string, { kind }: Pick<ServedKind, 'group' | 'kind'>): boolean {
  return field === 'metadata.name' || field === 'metadata.namespace' || (SELECTABLE[kind] ?? []).includes(field);
}

function notSelectable(field: string, { kind }: Pick<ServedKind, 'kind'>) {
  if (kind in SELECTABLE) return badRequest(`field label not supported: ${field}`);
  return badRequest(`"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`);
}

function textAt(object: unknown, path: readonly string[]): string {
  let value: any = object;
  for (const part of path) value = value?.[part];
  return value === undefined || value === null ? '' : String(typeof value === 'object' ? (value.component ?? '') : value);
}
