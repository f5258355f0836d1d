/** One thing that validation found, in the words of k8s.io/apimachinery/pkg/util/validation/field/errors.go. */
export type FieldError = { field: string; reason: string; message: string };

/** A value that must be there and is not. */
export function required(field: string, detail = ''): FieldError {
  return { field, reason: 'FieldValueRequired', message: `Required value${detail === '' ? '' : `: ${detail}`}` };
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${JSON.stringify(value)}: ${detail}` };
}

/** A value that is none of a fixed choice. */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const choices = supported.map((choice) => JSON.stringify(choice)).join(', ');
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${choices}`;
  return { field, reason: 'FieldValueNotSupported', message };
}

export function forbidden(field: string, detail: string): FieldError {
  return { field, reason: 'FieldValueForbidden', message: `Forbidden: ${detail}` };
}

/** A second one of what there can be one of. */
export function duplicate(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(value)}` };
}

/** A reference to something that is not there. */
export function missing(field: string, value: unknown): FieldError {
  return { field, reason: 'FieldValueNotFound', message: `Not found: ${JSON.stringify(value)}` };
}
