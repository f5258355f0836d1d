import { runExpression, runTemplate } from './engine.ts';
import { parseTemplate } from './parse-template.ts';

/**
 * Like renderText, but a template that is exactly one expression, with nothing around it, keeps its value's type; lists and objects
 * are the scope's own, not copies. Throws TemplateError.
 */
export function renderValue(source: string, scope: object): unknown {
  if (!source.includes('{{')) return source;
  const program = parseTemplate(source);
  const [first] = program.body;
  return program.body.length === 1 && first?.type === 'MustacheStatement' ? runExpression(program, scope) : runTemplate(program, scope);
}
