import { invalid, notSupported, type FieldError } from '../registry/field-error.ts';
import { badRequest, invalidObject } from '../status-errors.ts';
import type { StatusError, WriteOptions } from '../store.ts';
import type { ApiRequest, Verb } from './api-request.ts';

/**
 * What the query of a write says: `dryRun`, `fieldManager` [the program of the user agent] and `fieldValidation` [Warn]. Unknown fields
 * end up in `warnings`, or refuse the request. Throws StatusError 400 and 422.
 */
export function writeOptions({ verb, query, userAgent, kind }: ApiRequest, warnings: string[]): WriteOptions & { manager: string } {
  const validation = query.get('fieldValidation') || 'Warn';
  const options = OPTIONS[verb] ?? 'UpdateOptions';
  if (!VALIDATIONS.includes(validation)) throw badOption(options, notSupported('fieldValidation', validation, VALIDATIONS));
  return {
    dryRun: checkDryRun(query.getAll('dryRun'), options),
    manager: query.get('fieldManager') || userAgent.split('/')[0] || 'unknown',
    onUnknownFields(paths) {
      const unknown = paths.map((path) => `unknown field "${path}"`);
      if (validation === 'Warn') warnings.push(...unknown);
      if (validation !== 'Strict') return;
      const problem = `strict decoding error: ${unknown.join(', ')}`;
      if (verb === 'patch') throw invalidObject({ group: '', kind: '' }, '', [invalid('patch', '', problem)]);
      throw badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${problem}`);
    },
  };
}

/** Whether nothing is to be stored. Throws StatusError 422 for a value other than `All`. */
export function checkDryRun(values: readonly string[], options: string): boolean {
  if (values.some((value) => value !== 'All')) throw badOption(options, notSupported('dryRun', values, ['All']));
  return values.length > 0;
}

/** A query parameter that cannot be; the query counts as an object of such a kind. */
export function badOption(options: string, error: FieldError): StatusError {
  return invalidObject({ group: 'meta.k8s.io', kind: options }, '', [error]);
}

const VALIDATIONS = ['', 'Ignore', 'Strict', 'Warn'];
const OPTIONS: Partial<Record<Verb, string>> = { create: 'CreateOptions', patch: 'PatchOptions' };
