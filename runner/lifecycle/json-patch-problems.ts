import { nearest } from '../model/nearest.ts';
import { describeValue } from '../template/describe-value.ts';

const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const EXAMPLE = 'a JSON pointer such as /spec/replicas';

/** What is wrong with the operations of a JSON patch, whatever object it is for (RFC 6902, section 4; pointers: RFC 6901, section 3). */
export function jsonPatchProblems(operations: readonly unknown[]): string[] {
  return operations.flatMap((operation, index) => operationProblems(operation).map((problem) => `operation ${index + 1}: ${problem}`));
}

function operationProblems(operation: unknown): string[] {
  if (typeof operation !== 'object' || operation === null || Array.isArray(operation))
    return [`expected an object with op and path, got ${describeValue(operation)}`];
  const { op, path, from } = operation as { op?: unknown; path?: unknown; from?: unknown };
  const hasFrom = op === 'move' || op === 'copy';
  const needsValue = op === 'add' || op === 'replace' || op === 'test';
  const problems = [
    opProblem(op),
    pointerProblem('path', path),
    hasFrom ? pointerProblem('from', from) : undefined,
    needsValue && !('value' in operation) ? `value: is required by ${op}` : undefined,
    op === 'move' && typeof from === 'string' && String(path).startsWith(`${from}/`)
      ? `from: ${describeValue(from)} cannot be moved into itself`
      : undefined,
  ];
  return problems.filter((problem) => problem !== undefined);
}

function opProblem(op: unknown): string | undefined {
  const known = OPERATIONS.join(', ');
  if (op === undefined) return `op: is required: one of ${known}`;
  if (typeof op === 'string' && OPERATIONS.includes(op)) return undefined;
  const meant = typeof op === 'string' ? nearest(op, OPERATIONS) : undefined;
  return `op: expected one of ${known}, got ${describeValue(op)}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

function pointerProblem(field: string, pointer: unknown): string | undefined {
  if (pointer === undefined) return `${field}: is required: ${EXAMPLE}`;
  if (typeof pointer === 'string' && /^(\/([^~/]|~[01])*)*$/.test(pointer)) return undefined;
  const escapes = typeof pointer === 'string' && pointer.includes('~') ? '; "~" is written ~0 and "/" in a name ~1' : '';
  return `${field}: ${describeValue(pointer)} is not ${EXAMPLE}${escapes}`;
}
