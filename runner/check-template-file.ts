import type { Problem } from './model/errors.ts';
import { checkTemplate } from './template/check-template.ts';

/** What is wrong with a file that is a template as a whole, at its lines, whatever it is rendered with; `scope` may hold OPAQUE. */
export function checkTemplateFile(file: string, text: string, scope: object): Problem[] {
  return checkTemplate(text, scope).map(({ message, line }) => ({
    file,
    ...(line !== undefined && { line }),
    path: '',
    message,
  }));
}
