import type { Stage } from './stage.ts';

/** One thing wrong in the repository; printed as `file:line: path: message`. */
export type Problem = {
  /** Path of the file inside the repository. */
  file: string;
  /** 1-based; absent when the whole file is meant. */
  line?: number;
  /** Field path such as `spec.parameters[0].min`; empty for the document itself. */
  path: string;
  /** One sentence: what is wrong, the offending value, what would be right. */
  message: string;
};

/** The repository must change; carries every problem found, not the first. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join('\n'), options);
    this.problems = problems;
  }
}

/** The command line must change (exit code 2). */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Access must change before anything can run; nothing was touched. */
export class PreflightFailed extends Error {
  override readonly name = 'PreflightFailed';
}

/** Results exist that could not be pushed; the journals keep them for the next run. */
export class RecordFailed extends Error {
  override readonly name = 'RecordFailed';
}

/**
 * What a failed stage leaves for the record besides its reason: bounded, already without secrets.
 * Log tails are the last lines; events are `reason: message` lines; `refused` is the API server's or another server's own words.
 */
export type Evidence = {
  containers?: ContainerEvidence[];
  events?: string[];
  refused?: string;
  /** The query and raw answer of a metric that was unavailable. */
  metric?: { name: string; query: string; raw?: string };
};

export type ContainerEvidence = {
  pod: string;
  container: string;
  exitCode?: number;
  reason?: string;
  message?: string;
  log?: string;
};

/** This trial failed and becomes data: `reason` is a stable CamelCase word (docs/errors.md), `message` is for people. */
export class StageFailure extends Error {
  override readonly name = 'StageFailure';
  readonly stage: Stage;
  readonly reason: string;
  readonly evidence: Evidence;
  /** True when the infrastructure failed and not the configuration: retried, never shown to a source as a bad point. */
  readonly infrastructure: boolean;

  constructor(
    stage: Stage,
    reason: string,
    message: string,
    options: { evidence?: Evidence; infrastructure?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.stage = stage;
    this.reason = reason;
    this.evidence = options.evidence ?? {};
    this.infrastructure = options.infrastructure ?? false;
  }
}

export function formatProblem({ file, line, path, message }: Problem): string {
  return [line === undefined ? file : `${file}:${line}`, ...(path === '' ? [] : [path]), message].join(': ');
}
