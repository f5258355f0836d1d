import type { FieldError } from './registry/field-error.ts';
import { StatusError, type ServedKind } from './store.ts';

type Resource = Pick<ServedKind, 'group' | 'plural'>;

export function notFound(kind: Resource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${resourceText(kind)} "${name}" not found`, resourceDetails(kind, name));
}

/** A path that leads nowhere, of whatever kind. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(kind: Resource, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${resourceText(kind)} "${name}" already exists`, resourceDetails(kind, name));
}

export function conflict(kind: Resource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${resourceText(kind)} "${name}": ${why}`;
  return new StatusError(409, 'Conflict', message, resourceDetails(kind, name));
}

export function forbidden(kind: Resource, name: string, why: string, causes?: unknown[]): StatusError {
  const object = name === '' ? resourceText(kind) : `${resourceText(kind)} "${name}"`;
  const details = { ...resourceDetails(kind, name), causes };
  return new StatusError(403, 'Forbidden', `${object} is forbidden: ${why}`, details);
}

/** What validation found, all of it. */
export function invalidObject(kind: Pick<ServedKind, 'group' | 'kind'>, name: string, errors: readonly FieldError[]): StatusError {
  const lines = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const what = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return new StatusError(422, 'Invalid', `${qualified} "${name}" is invalid: ${what}`, {
    name: name || undefined,
    group: kind.group || undefined,
    kind: kind.kind || undefined,
    causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function methodNotAllowed(message = 'the server does not allow this method on the requested resource'): StatusError {
  return new StatusError(405, 'MethodNotAllowed', message, {});
}

export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  return new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

/** A revision that is no longer remembered. */
export function expired(): StatusError {
  return new StatusError(410, 'Expired', 'too old resource version: the sandbox no longer remembers the changes since then');
}

function resourceText({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function resourceDetails({ group, plural }: Resource, name: string) {
  return { name: name || undefined, group: group || undefined, kind: plural };
}
