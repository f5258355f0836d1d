import { parseQuantity } from '../../model/quantity.ts';
import { describeValue } from '../describe-value.ts';
import { TemplateError } from '../template-error.ts';
import { asList, asObject } from './arguments.ts';
import type { HelperGroup } from './helper.ts';
import { tidyNumber } from './tidy-number.ts';

/** What of a pod counts here. */
type Pod = { spec?: { containers?: { resources?: { requests?: Record<string, unknown> } }[] } };

/** Kubernetes quantities and resource lists (R§16.2). */
export const resources: HelperGroup = {
  quantity: { takes: 1, run: ([value]) => tidyNumber(asQuantity(value)) },
  milliValue: { takes: 1, run: ([value]) => milliValue(value) },
  indexResource: { takes: 2, run: ([list, key]) => ownValue(asObject(list), String(key)) ?? '0' },
  resourceRequests: { takes: 2, run: ([pods, weights]) => weighRequests(asList(pods) as Pod[], parseWeights(weights)) },
};

/** Σ weight × request in thousandths over the pods' regular containers; a request that is not there counts 0. */
function weighRequests(pods: Pod[], weights: [resource: string, weight: number][]): number {
  const requests = pods.flatMap((pod) => (pod.spec?.containers ?? []).map((container) => container.resources?.requests ?? {}));
  const terms = requests.flatMap((request) => weights.map(([resource, weight]) => weight * milliValue(ownValue(request, resource) ?? 0)));
  return tidyNumber(terms.reduce((sum, term) => sum + term, 0));
}

function parseWeights(weights: unknown): [resource: string, weight: number][] {
  if (typeof weights !== 'string') throw new TemplateError(`expected weights such as "cpu=17,memory=3", got ${describeValue(weights)}`);
  return weights.split(',').map((entry) => {
    const [resource = '', weight = '', ...rest] = entry.split('=').map((part) => part.trim());
    const number = parseQuantity(weight);
    if (resource !== '' && number !== undefined && rest.length === 0) return [resource, number];
    throw new TemplateError(`expected weights such as "cpu=17,memory=3", got ${JSON.stringify(entry)} in ${describeValue(weights)}`);
  });
}

/** Rounded up, like MilliValue of k8s.io/apimachinery/pkg/api/resource. */
function milliValue(value: unknown): number {
  return Math.ceil(tidyNumber(asQuantity(value) * 1000));
}

function asQuantity(value: unknown): number {
  const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
  if (quantity !== undefined) return quantity;
  throw new TemplateError(`expected a Kubernetes quantity such as 500m or 2Gi, got ${describeValue(value)}`);
}

function ownValue(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}
