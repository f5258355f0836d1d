import { badRequest, forbidden } from './status-errors.ts';
import type { ServedKind } from './store.ts';

/** What whoever asks may do, as in a Role; `*` stands for everything. */
export type AccessRule = {
  verbs: readonly string[];
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  /** Where the rule holds [everywhere]. */
  namespaces?: readonly string[];
};

export type AccessAttributes = {
  verb: string;
  group: string;
  /** With its subresource: `pods/log`. */
  resource: string;
  name: string;
  /** Empty for what belongs to no namespace, and for all of them. */
  namespace: string;
};

/** Everything, which is what an administrator's kubeconfig grants. */
export const FULL_ACCESS: readonly AccessRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];

/** Whether one of the rules grants it. */
export function isAllowed(rules: readonly AccessRule[], { verb, group, resource, name, namespace }: AccessAttributes): boolean {
  return rules.some(
    ({ verbs, apiGroups, resources, resourceNames, namespaces }) =>
      holds(verbs, verb) &&
      holds(apiGroups, group) &&
      (holds(resources, resource) || resources.includes(`*/${resource.split('/')[1]}`)) &&
      (resourceNames === undefined || resourceNames.includes(name)) &&
      (namespaces === undefined || namespaces.includes(namespace)),
  );
}

/** Throws StatusError 403 for what no rule grants. */
export function authorize(rules: readonly AccessRule[], kind: Pick<ServedKind, 'group' | 'plural'>, attributes: AccessAttributes): void {
  if (isAllowed(rules, attributes)) return;
  const { verb, group, resource, name, namespace } = attributes;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const why = `User "sandbox" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  throw forbidden(kind, name, why);
}

/** Reviews that the server answers without storing anything, by group and plural. */
export function reviewer(group: string, plural: string): ((rules: readonly AccessRule[], body: any) => unknown) | undefined {
  return REVIEWERS[`${plural}.${group}`];
}

const REVIEWERS: Record<string, (rules: readonly AccessRule[], body: any) => unknown> = {
  'selfsubjectaccessreviews.authorization.k8s.io': reviewAccess,
  'selfsubjectrulesreviews.authorization.k8s.io': reviewRules,
  'selfsubjectreviews.authentication.k8s.io': reviewSelf,
};

function reviewAccess(rules: readonly AccessRule[], { spec = {} }: any) {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if ((resourceAttributes === undefined) === (nonResourceAttributes === undefined)) {
    throw badRequest('spec must have exactly one of resourceAttributes and nonResourceAttributes');
  }
  const allowed = nonResourceAttributes !== undefined || isAllowed(rules, attributesOf(resourceAttributes));
  const status = allowed ? { allowed } : { allowed, reason: 'none of the rules that the sandbox was given grants it' };
  return { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec, status };
}

function attributesOf({ verb = '', group = '', resource = '', subresource = '', name = '', namespace = '' }: any): AccessAttributes {
  return { verb, group, resource: subresource === '' ? resource : `${resource}/${subresource}`, name, namespace };
}

function reviewRules(rules: readonly AccessRule[], { spec = {} }: any) {
  const here = rules.filter(({ namespaces }) => namespaces === undefined || namespaces.includes(spec.namespace));
  const resourceRules = here.map(({ namespaces: _everywhere, ...rule }) => rule);
  const status = { resourceRules, nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['*'] }], incomplete: false };
  return { kind: 'SelfSubjectRulesReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec, status };
}

function reviewSelf() {
  const userInfo = { username: 'sandbox', groups: ['system:masters', 'system:authenticated'] };
  return { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status: { userInfo } };
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*');
}
