import type { z } from 'zod';
import { nearest } from '../model/nearest.ts';
import type { Finding, Path } from './locate.ts';

/** Checks a value against a schema: what it parses to, or every finding in words for people. */
export function checkSchema<Type extends z.ZodType>(
  schema: Type,
  value: unknown,
): { ok: true; value: z.infer<Type> } | { ok: false; findings: SchemaFinding[] } {
  const result = schema.safeParse(value, { error: describeIssue });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, findings: result.error.issues.flatMap(findingsOf) };
}

/** `unknown` fields can be dropped without making the rest less valid. */
export type SchemaFinding = Finding & { unknown: boolean };

function findingsOf(issue: z.core.$ZodIssue): SchemaFinding[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message, unknown: false }];
  const messages = issue.message.split('\n');
  return issue.keys.map((key, index) => ({
    path: [...path, key] satisfies Path,
    message: messages[index]!,
    unknown: true,
  }));
}

/** The words for what no schema describes better itself. */
function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'is required';
  if (issue.code === 'invalid_type') return wrongType(String(issue.expected), issue.input);
  if (issue.code === 'invalid_value') return notOneOf(issue.values, issue.input);
  if (issue.code === 'invalid_union') return wrongUnion(issue.errors as z.core.$ZodIssue[][], issue.input);
  if (issue.code === 'too_small' && issue.origin === 'array') return `must have at least ${issue.minimum}`;
  if (issue.code === 'too_small')
    return `must be ${issue.inclusive === true ? 'at least' : 'greater than'} ${issue.minimum}, got ${show(issue.input)}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}, got ${show(issue.input)}`;
  return undefined;
}

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
};

function wrongType(expected: string, input: unknown): string {
  const quotes = expected === 'string' && (typeof input === 'number' || typeof input === 'boolean') ? '; write it in quotes' : '';
  return `expected ${TYPES[expected] ?? expected}, got ${show(input)}${quotes}`;
}

function notOneOf(values: readonly unknown[], input: unknown): string {
  const known = values.map(String);
  const meant = typeof input === 'string' ? nearest(input, known) : undefined;
  const hint = meant === undefined || known.length === 1 ? '' : `; did you mean "${meant}"?`;
  return `expected ${known.length === 1 ? '' : 'one of '}${known.join(', ')}, got ${show(input)}${hint}`;
}

function wrongUnion(branches: readonly (readonly z.core.$ZodIssue[])[], input: unknown): string {
  const expected = branches.flatMap((issues) =>
    issues.flatMap((issue) => (issue.code === 'invalid_type' ? [TYPES[issue.expected] ?? issue.expected] : [])),
  );
  return `expected ${[...new Set(expected)].join(' or ')}, got ${show(input)}`;
}

function show(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a mapping';
  const text = JSON.stringify(input) ?? String(input);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
