import { TemplateError } from '../template-error.ts';
import { callValue, pathValue, within, type Holds, type Value } from './value.ts';

/** What the ancestor gave a template (R§16.1): patches and Helm values less than metric queries. */
export type TemplatePlace = 'patch' | 'query';

/** A field of a value, by the names that Go templates use. Throws TemplateError for one that has no counterpart. */
export function fieldOf(base: Value, name: string, place: TemplatePlace): Value {
  switch (base.holds) {
    case 'root':
      return rootField(base, name, place);
    case 'trial':
      return trialField(base, name, place);
    case 'trialStatus':
      return statusField(base, name);
    case 'assignments':
      return within(base, name, 'assignment');
    case 'quantity':
      return quantityMethod(base, name);
    case 'resources':
      return resourceMethod(base, name);
    case 'data':
    case 'object':
      return dataField(base, name);
    default:
      throw new TemplateError(`.${name} has no counterpart here: ${base.text} has no fields`);
  }
}

/** An item of a value by its index or key as it is. */
export function itemOf(base: Value, key: string | number): Value {
  if (base.holds === 'root' || base.holds === 'trial' || base.holds === 'trialStatus') {
    throw new TemplateError(`index takes .Values or a part of .Target; write .${key} for a field`);
  }
  if (base.holds === 'assignments') return within(base, key, 'assignment');
  if (base.holds === 'resources')
    return callValue('indexResource', [base, { text: JSON.stringify(String(key)), form: 'literal', holds: 'text' }], 'quantity');
  return within(base, key, itemHolds(base, key));
}

/** What the items of a value are. */
export function itemHolds(base: Value, key?: string | number): Holds {
  if (base.holds === 'assignments') return 'assignment';
  if (base.holds === 'resources') return 'quantity';
  if (typeof key === 'string' && RESOURCES.includes(key)) return 'resources';
  return /(^|\.)items$/.test(base.text) ? 'object' : 'data';
}

const RESOURCES = ['requests', 'limits', 'usage', 'capacity', 'allocatable', 'hard', 'used'];

function rootField(base: Value, name: string, place: TemplatePlace): Value {
  const common: Record<string, [string, Holds]> = { Trial: ['trial', 'trial'], Values: ['values', 'assignments'] };
  const ofQueries: Record<string, [string, Holds]> = {
    Target: ['target', 'object'],
    Pods: ['target', 'object'],
    StartTime: ['window.start', 'time'],
    CompletionTime: ['window.completion', 'time'],
    Range: ['range', 'text'],
  };
  const known = place === 'query' ? { ...common, ...ofQueries } : common;
  if (Object.hasOwn(known, name)) {
    const [path, holds] = known[name]!;
    return pathValue(base.text === '' ? path : `${base.text}.${path}`, holds);
  }
  if (Object.hasOwn(ofQueries, name)) throw new TemplateError(`.${name} is known in metric queries alone`);
  throw new TemplateError(
    `unknown name ".${name}"; known: ${Object.keys(known)
      .map((each) => `.${each}`)
      .join(', ')}`,
  );
}

function trialField(base: Value, name: string, place: TemplatePlace): Value {
  if (name === 'ObjectMeta') return base;
  if (name === 'Name' || name === 'Namespace') return within(base, name.toLowerCase(), 'text');
  if (name === 'Status' && place === 'query') return { ...base, holds: 'trialStatus' };
  throw new TemplateError(`.Trial.${name} has no counterpart; of a trial, .Trial.Name and .Trial.Namespace are known`);
}

function statusField(base: Value, name: string): Value {
  const times: Record<string, string> = { StartTime: 'window.start', CompletionTime: 'window.completion' };
  const path = Object.hasOwn(times, name) ? times[name] : undefined;
  if (path === undefined) throw new TemplateError(`.Trial.Status.${name} has no counterpart; .StartTime and .CompletionTime are known`);
  return pathValue(base.text.replace(/trial$/, path), 'time');
}

/** Methods of resource.Quantity. */
function quantityMethod(base: Value, name: string): Value {
  switch (name) {
    case 'MilliValue':
      return callValue('milliValue', [base], 'integer');
    case 'Value':
      return callValue('ceil', [callValue('quantity', [base], 'fraction')], 'integer');
    case 'AsApproximateFloat64':
      return callValue('quantity', [base], 'fraction');
    case 'String':
      return callValue('string', [base], 'text');
    default:
      throw new TemplateError(
        `.${name} of a quantity has no counterpart; known are .MilliValue, .Value, .AsApproximateFloat64 and .String`,
      );
  }
}

/** Methods of corev1.ResourceList. */
function resourceMethod(base: Value, name: string): Value {
  const keys: Record<string, string> = {
    Cpu: 'cpu',
    Memory: 'memory',
    Pods: 'pods',
    Storage: 'storage',
    StorageEphemeral: 'ephemeral-storage',
  };
  return itemOf(base, Object.hasOwn(keys, name) ? keys[name]! : name);
}

/** Objects are JSON here; structs that Go had, and their embedded metadata, had names in capitals. */
function dataField(base: Value, name: string): Value {
  if (base.holds === 'object' && name === 'Object') return base;
  if (name === 'ObjectMeta' || name === 'ListMeta') return within(base, 'metadata', 'data');
  if (base.holds === 'object' && ['Name', 'Namespace', 'Labels', 'Annotations', 'UID', 'CreationTimestamp'].includes(name)) {
    return within(within(base, 'metadata', 'data'), jsonName(name), 'data');
  }
  const key = jsonName(name);
  return within(base, key, RESOURCES.includes(key) ? 'resources' : 'data');
}

/** `PodIP` → `podIP`, `IP` → `ip`, `QOSClass` → `qosClass`. */
function jsonName(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]/, (capitals) => capitals.toLowerCase());
}
