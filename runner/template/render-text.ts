import { runTemplate } from './engine.ts';
import { parseTemplate } from './parse-template.ts';

/**
 * Renders a Handlebars template over plain data: nothing is escaped, an unknown name is an error wherever it is read, and only the
 * helpers of docs/templates.md can be called. Throws TemplateError.
 */
export function renderText(source: string, scope: object): string {
  if (!source.includes('{{')) return source;
  return runTemplate(parseTemplate(source), scope);
}
