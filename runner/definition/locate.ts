import type { Problem } from '../model/errors.ts';

/** Keys and indexes that lead from a document's root to a field. */
export type Path = readonly (string | number)[];

/** Where a field stands, or a line (1-based) of its text; without a line when the whole file is meant. */
export type Locate = (path: Path, textLine?: number) => { file: string; line?: number };

/** One thing wrong at a field, or at a line (1-based) of its text, not yet tied to a file. */
export type Finding = { path: Path; message: string; textLine?: number | undefined };

/** A path as people write it: `spec.parameters[0].min`, `metadata.labels["app.kubernetes.io/name"]`. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join('').replace(/^\./, '');
}

/** The findings as problems of the file they were found in, by line. */
export function toProblems(findings: readonly Finding[], locate: Locate): Problem[] {
  const problems = findings.map(({ path, message, textLine }) => ({ ...locate(path, textLine), path: formatPath(path), message }));
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function formatStep(step: string | number): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^[\w$-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}
