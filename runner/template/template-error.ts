/** A template that cannot be rendered: one sentence, and the line within the template's text (1-based) where that is known. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly line: number | undefined;

  constructor(message: string, { line, ...options }: ErrorOptions & { line?: number | undefined } = {}) {
    super(message, options);
    this.line = line;
  }
}

/** One string of a tree that cannot be rendered; `path` is the one in the tree that was given, `line` the line within that string. */
export type TreeProblem = { path: (string | number)[]; line?: number; message: string };

/** Every string of a tree that cannot be rendered. */
export class TemplateErrors extends Error {
  override readonly name = 'TemplateErrors';
  readonly errors: readonly TreeProblem[];

  constructor(errors: readonly TreeProblem[], options?: ErrorOptions) {
    super(errors.map(({ path, message }) => [...path, message].join(': ')).join('\n'), options);
    this.errors = errors;
  }
}
