import Handlebars from 'handlebars';

import { TemplateError } from './template-error.ts';

const YAML_BRACE = 'a brace of YAML after an expression needs a space before it: {{x}} }';

/** What was probably meant, by the token that Handlebars stumbles on; dots and pipes are what Go templates have there. */
const EXPLANATIONS: ReadonlyMap<string, string> = new Map([
  ['SEP', 'names have no leading dot: {{values.cpu}}'],
  ['CLOSE_BLOCK_PARAMS', 'there are no pipes: {{outer (inner value)}}'],
  ['NUMBER', 'a position in a list is written in brackets: {{items.[0]}}'],
  ['CLOSE_UNESCAPED', YAML_BRACE],
  ['CLOSE_RAW_BLOCK', YAML_BRACE],
  ['INVERSE', '{{else}} belongs to no block'],
  ['OPEN_ENDBLOCK', 'this closes a block that was not opened'],
]);

/**
 * The template's syntax tree, before whitespace control. Throws TemplateError, Handlebars' many lines reduced to one sentence.
 */
export function parseTemplate(source: string): hbs.AST.Program {
  try {
    return Handlebars.parseWithoutProcessing(source);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw explain(error);
  }
}

// Handlebars tells its syntax errors apart by their text alone: the parser throws bare Errors.
function explain(error: Error): TemplateError {
  const { message } = error;
  const mismatch = /^(?<open>.*) doesn't match (?<close>.*) - (?<line>\d+):\d+$/s.exec(message)?.groups;
  if (mismatch) return located(`{{#${mismatch.open}}} is closed by {{/${mismatch.close}}}`, mismatch.line, error);

  const path = /^Invalid path: (?<path>.*) - (?<line>\d+):\d+$/s.exec(message)?.groups;
  if (path) return located(`invalid path "${path.path}"; "this" and ".." may only begin one`, path.line, error);

  const lexical = /^Lexical error on line (?<line>\d+)\./.exec(message)?.groups;
  if (lexical) return located('a comment or a raw block is not closed before the template ends', lexical.line, error);

  const syntax = /^Parse error on line (?<line>\d+):\n(?<excerpt>[^\n]*)\n(?<dashes>-*)\^\n.* got '(?<token>\w+)'$/.exec(message)?.groups;
  // Its parser has a few crashes of its own, such as on `as |[x]|`; the text is what must change then, too.
  if (syntax === undefined) return new TemplateError(`Handlebars cannot read this: ${message.split('\n', 1)[0]}`, { cause: error });
  return located(explainSyntax(syntax.excerpt!, syntax.dashes!.length, syntax.token!), syntax.line, error);
}

function explainSyntax(excerpt: string, column: number, token: string): string {
  if (token === 'EOF') return 'an expression or a block is not closed before the template ends';
  const explanation = EXPLANATIONS.get(token);
  return `syntax error at "${excerpt.slice(column)}" in "${excerpt}"${explanation === undefined ? '' : `: ${explanation}`}`;
}

function located(message: string, line: string | undefined, cause: Error): TemplateError {
  return new TemplateError(message, { line: Number(line), cause });
}
