import { BLOCKS } from './blocks.ts';
import { knownNames } from './known-names.ts';
import { callNode, helperPath, isPath, isSimple, isUnscoped, textNode } from './syntax-nodes.ts';
import { removeSetLines } from './set-lines.ts';
import { TemplateError } from './template-error.ts';

/** What a name means at one place of a template. */
type Names = {
  helpers: readonly string[];
  blockParams: readonly string[];
  /** The block parameters that are variables, of `let`. */
  variables: readonly string[];
  sink: '#print' | '#keep';
};

const DATA = ['root', 'index', 'key', 'first', 'last'];

/**
 * Rewrites a template so that nothing is left to Handlebars' own lookups, which are lenient outside of plain text: every path becomes
 * a call of `#read`, every `{{expression}}` a call of `sink`. What is not on the list of allowed constructs is refused.
 * Throws TemplateError with its line.
 */
export function strictProgram(program: hbs.AST.Program, helpers: readonly string[], sink: Names['sink']): hbs.AST.Program {
  return rewriteProgram(program, { helpers, blockParams: [], variables: [], sink });
}

function rewriteProgram(program: hbs.AST.Program, outer: Names, binds = false): hbs.AST.Program {
  const params = program.blockParams ?? [];
  const variables = binds ? [...outer.variables, ...params] : outer.variables.filter((name) => !params.includes(name));
  const names = { ...outer, blockParams: [...outer.blockParams, ...params], variables };
  return { ...program, body: removeSetLines(program.body.map((statement) => rewriteStatement(statement, names))) };
}

function rewriteStatement(statement: hbs.AST.Statement, names: Names): hbs.AST.Statement {
  switch (statement.type) {
    case 'ContentStatement':
    case 'CommentStatement':
      return statement;
    case 'MustacheStatement':
      return rewriteMustache(statement as hbs.AST.MustacheStatement, names);
    case 'BlockStatement':
      return rewriteBlock(statement as hbs.AST.BlockStatement, names);
    case 'PartialStatement':
    case 'PartialBlockStatement':
      throw refuse(statement, 'partials such as {{> name}} are not available');
    default:
      throw refuse(statement, 'decorators such as {{* name}} are not available');
  }
}

function rewriteMustache(mustache: hbs.AST.MustacheStatement, names: Names): hbs.AST.MustacheStatement {
  const { path, loc } = mustache;
  if (!isPath(path)) throw refuse(mustache, 'an expression begins with a name or a helper; write literal text without braces');
  if (isSimple(path) && path.original === 'set' && !names.blockParams.includes('set')) return rewriteSet(mustache, names);
  const called = mustache.params.length > 0 || mustache.hash !== undefined || isHelper(path, names);
  const value = called ? rewriteCall({ ...mustache, path, type: 'SubExpression' }, names) : rewritePath(path, names);
  const shown = called ? `the result of ${path.original}` : `"${path.original}"`;
  return { ...mustache, path: helperPath(names.sink, loc), params: [value, textNode(shown, loc)] };
}

function rewriteSet(mustache: hbs.AST.MustacheStatement, names: Names): hbs.AST.MustacheStatement {
  const [variable, value, ...more] = mustache.params;
  const name = variable !== undefined && isPath(variable) && isSimple(variable) ? variable.original : '';
  if (value === undefined || more.length > 0 || mustache.hash !== undefined || !names.variables.includes(name)) {
    throw refuse(mustache, '{{set}} takes a name of {{#let}} and its new value: {{#let 0 as |sum|}}…{{set sum (add sum 1)}}…{{/let}}');
  }
  return {
    ...mustache,
    path: helperPath('#set', mustache.loc),
    params: [blockParameter(name, mustache.loc), rewriteExpression(value, names)],
  };
}

function rewriteBlock(block: hbs.AST.BlockStatement, names: Names): hbs.AST.BlockStatement {
  checkBlock(block, names);
  const argument = rewriteExpression(block.params[0]!, names);
  return {
    ...block,
    params: [block.path.original === 'each' ? callNode('#iterate', [argument], block.loc) : argument],
    hash: block.hash && rewriteHash(block.hash, names),
    program: block.program && rewriteProgram(block.program, names, BLOCKS.get(block.path.original)?.binds),
    inverse: block.inverse && rewriteProgram(block.inverse, names),
  };
}

function checkBlock({ path, params, hash, program, inverse, loc }: hbs.AST.BlockStatement, names: Names): void {
  const name = path.original;
  const rules = isPath(path) && isSimple(path) ? BLOCKS.get(name) : undefined;
  if (rules === undefined) {
    if (isHelper(path, names)) throw refuse({ loc }, `"${name}" is not a block; write {{${name} …}}`);
    throw refuse({ loc }, `unknown block "${name}"; ${knownNames(name, [...BLOCKS.keys()])}`);
  }
  if (params.length !== 1) throw refuse({ loc }, `{{#${name}}} takes 1 argument, got ${params.length}`);
  const unknown = hash?.pairs.find(({ key }) => !rules.options.includes(key));
  if (unknown !== undefined) throw refuse({ loc }, `{{#${name}}} takes no option "${unknown.key}"`);
  const blockParams = (program ?? inverse).blockParams ?? [];
  if (blockParams.length > rules.blockParams) {
    throw refuse({ loc }, `{{#${name}}} names at most ${rules.blockParams} block parameters, got ${blockParams.length}`);
  }
  if (rules.binds && (blockParams.length === 0 || inverse !== undefined)) {
    throw refuse(
      { loc },
      `{{#${name}}} names its value and has no {{else}}: {{#${name} (add values.cpu 50) as |sum|}}…{{sum}}…{{/${name}}}`,
    );
  }
  // To Handlebars a block parameter hides blocks and helpers of its name, our own internal ones too.
  const hiding = blockParams.find((each) => BLOCKS.has(each) || !/^\w[\w-]*$/.test(each));
  if (hiding !== undefined) throw refuse({ loc }, `"${hiding}" cannot be a block parameter; expected a plain name`);
}

function rewriteHash(hash: hbs.AST.Hash, names: Names): hbs.AST.Hash {
  return { ...hash, pairs: hash.pairs.map((pair) => ({ ...pair, value: rewriteExpression(pair.value, names) })) };
}

function rewriteExpression(expression: hbs.AST.Expression, names: Names): hbs.AST.Expression {
  if (expression.type === 'SubExpression') return rewriteCall(expression as hbs.AST.SubExpression, names);
  return isPath(expression) ? rewritePath(expression, names) : expression;
}

function rewriteCall(expression: hbs.AST.SubExpression, names: Names): hbs.AST.SubExpression {
  const { path, params, hash } = expression;
  const name = path.original;
  if (!isHelper(path, names)) {
    if (BLOCKS.has(name)) throw refuse(expression, `"${name}" is a block; write {{#${name} …}}…{{/${name}}}`);
    if (names.blockParams.includes(name)) throw refuse(expression, `"${name}" is a block parameter here, not a helper`);
    throw refuse(expression, `unknown helper "${name}"; ${knownNames(name, names.helpers)}`);
  }
  if (hash !== undefined) throw refuse(expression, `${name} takes no option "${hash.pairs[0]!.key}"`);
  return { ...expression, params: params.map((each) => rewriteExpression(each, names)) };
}

function rewritePath(path: hbs.AST.PathExpression, names: Names): hbs.AST.Expression {
  const { loc, parts, depth } = path;
  const [head, ...rest] = parts;
  if (path.data) {
    if (head === undefined || !DATA.includes(head)) {
      throw refuse(path, `unknown name "@${head}"; known: ${DATA.map((name) => `@${name}`).join(', ')}`);
    }
    return read({ ...path, parts: [head] }, `@${'../'.repeat(depth)}${head}.`, rest);
  }
  if (head !== undefined && isUnscoped(path) && names.blockParams.includes(head)) {
    return read(blockParameter(head, loc), `${head}.`, rest);
  }
  return read({ type: 'PathExpression', data: false, depth, parts: [], original: '', loc }, '../'.repeat(depth), parts);
}

function blockParameter(name: string, loc: hbs.AST.SourceLocation): hbs.AST.PathExpression {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: '', loc };
}

function read(base: hbs.AST.PathExpression, prefix: string, parts: readonly string[]): hbs.AST.SubExpression {
  return callNode('#read', [base, ...[prefix, ...parts].map((each) => textNode(each, base.loc))], base.loc);
}

function isHelper(path: hbs.AST.PathExpression, { helpers, blockParams }: Names): boolean {
  return isPath(path) && isSimple(path) && !blockParams.includes(path.parts[0]!) && helpers.includes(path.parts[0]!);
}

function refuse({ loc }: Pick<hbs.AST.Node, 'loc'>, message: string): TemplateError {
  return new TemplateError(message, { line: loc.start.line });
}
