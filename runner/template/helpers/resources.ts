import { parseQuantity } from '../../model/quantity.ts';
import { describeValue } from '../describe-value.ts';
import { printValue } from '../print-value.ts';
import { TemplateError } from '../template-error.ts';
import { asList, asObject } from './arguments.ts';
import type { HelperGroup } from './helper.ts';
import { tidyNumber } from './tidy-number.ts';

/** What of a pod counts here. */
type Pod = { spec?: { containers?: { resources?: { requests?: Record<string, unknown> } }[] } };

/** Kubernetes quantities, resource lists (R§16.2) and Services. */
export const resources: HelperGroup = {
  quantity: { takes: 1, run: ([value]) => tidyNumber(asQuantity(value)) },
  milliValue: { takes: 1, run: ([value]) => milliValue(value) },
  indexResource: { takes: 2, run: ([list, key]) => ownValue(asObject(list), String(key)) ?? '0' },
  serviceAddress: { takes: [1, 2], run: ([services, port]) => serviceAddress(services, port) },
  resourceRequests: { takes: 2, run: ([pods, weights]) => weighRequests(asList(pods) as Pod[], parseWeights(weights)) },
};

/** Σ weight × request in thousandths over the pods' regular containers; a request that is not there counts 0. */
function weighRequests(pods: Pod[], weights: [resource: string, weight: number][]): number {
  const requests = pods.flatMap((pod) => (pod.spec?.containers ?? []).map((container) => container.resources?.requests ?? {}));
  const terms = requests.flatMap((request) => weights.map(([resource, weight]) => weight * milliValue(ownValue(request, resource) ?? 0)));
  return tidyNumber(terms.reduce((sum, term) => sum + term, 0));
}

type Service = { metadata?: { name?: string; namespace?: string }; spec?: { ports?: { name?: string; port: number }[] } };

/** Of the first Service by name; a port is a number, the name of a port, or the only one there is (R§A.9). */
function serviceAddress(given: unknown, port: unknown): string {
  const services = (Array.isArray(asObject(given).items) ? asList(given) : [given]) as Service[];
  const [service] = services.toSorted((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
  const { name, namespace } = service?.metadata ?? {};
  const ports = service?.spec?.ports;
  if (name === undefined || namespace === undefined || ports === undefined) {
    throw new TemplateError(`expected a Service, or a list of them with at least one, got ${describeValue(given)}`);
  }
  const known = ports.map((each) => each.name ?? each.port).join(', ');
  if (port === undefined && ports.length !== 1) throw new TemplateError(`Service ${name} has ${ports.length} ports (${known}); name one`);
  const isNumber = typeof port === 'number' || /^\d+$/.test(String(port));
  const number = port === undefined ? ports[0]!.port : isNumber ? port : ports.find((each) => each.name === port)?.port;
  if (number === undefined) throw new TemplateError(`Service ${name} has no port ${describeValue(port)}; it has ${known}`);
  return `${name}.${namespace}:${printValue(number)}`;
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
