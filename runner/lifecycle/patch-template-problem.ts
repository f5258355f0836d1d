import type { TemplateError } from '../template/template-error.ts';

/** What a message about a patch says of its template: also the line within the patch, as the field's own may be far from it. */
export function patchTemplateProblem({ message, line }: TemplateError): string {
  return line === undefined ? message : `${message} (line ${line} of the patch)`;
}
