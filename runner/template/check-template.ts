import { HELPERS } from './helpers/all.ts';
import { OPAQUE } from './opaque.ts';
import { parseTemplate } from './parse-template.ts';
import { readPath } from './read-path.ts';
import { strictProgram } from './strict-program.ts';
import { isPath, type InternalHelper } from './syntax-nodes.ts';
import { TemplateError } from './template-error.ts';

/** What names mean at one place: the current objects, innermost first, and the block parameters. */
type Place = { contexts: readonly unknown[]; blockParams: ReadonlyMap<string, unknown> };

/** Keys that `has` asks for, of an object of the scope; `all` where a key is computed. */
type Asked = Map<object, Set<string> | 'all'>;

/**
 * What is wrong with a template whatever it is rendered with, in branches that a rendering would not take as well: why it cannot be
 * compiled, else every name that `scope` does not have, each with its line. Below OPAQUE, inside `{{#each}}`, for what `{{#let}}` binds and
 * for names that the template asks for with `has` nothing is said: only a rendering knows.
 */
export function checkTemplate(source: string, scope: object): TemplateError[] {
  if (!source.includes('{{')) return [];
  try {
    return unknownNames(strictProgram(parseTemplate(source), [...HELPERS.keys()], '#print'), scope);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return [error];
  }
}

function unknownNames(program: hbs.AST.Program, root: object): TemplateError[] {
  const found: TemplateError[] = [];
  const asked: Asked = new Map();
  checkProgram(program, { contexts: [root], blockParams: new Map() });
  return found;

  function checkProgram({ body }: hbs.AST.Program, place: Place): void {
    for (const statement of body) {
      if (statement.type === 'MustacheStatement') (statement as hbs.AST.MustacheStatement).params.forEach((each) => valueOf(each, place));
      if (statement.type === 'BlockStatement') checkBlock(statement as hbs.AST.BlockStatement, place);
    }
  }

  function checkBlock({ path, params, hash, program, inverse }: hbs.AST.BlockStatement, place: Place): void {
    const argument = valueOf(params[0]!, place);
    hash?.pairs.forEach(({ value }) => valueOf(value, place));
    if (program) checkProgram(program, inside(path.original, argument, program.blockParams ?? [], place));
    if (inverse) checkProgram(inverse, place);
  }

  /** The value that an expression has in every rendering, as far as that is known. */
  function valueOf(expression: hbs.AST.Expression, place: Place): unknown {
    if (expression.type !== 'SubExpression') return isPath(expression) ? baseOf(expression, root, place) : OPAQUE;
    const { path, params, loc } = expression as hbs.AST.SubExpression;
    if (path.original === ('#read' satisfies InternalHelper)) {
      const [base, ...names] = params as [hbs.AST.PathExpression, ...hbs.AST.StringLiteral[]];
      const [prefix = '', ...parts] = names.map(({ value }) => value);
      return follow({ value: baseOf(base, root, place), prefix }, parts, loc.start.line);
    }
    const values = params.map((each) => valueOf(each, place));
    if (path.original === 'has') noteKeys(values[0], params.slice(1), asked);
    return OPAQUE;
  }

  function follow(base: { value: unknown; prefix: string }, parts: readonly string[], line: number): unknown {
    let value = base.value;
    for (const part of parts) {
      if (value === OPAQUE) return OPAQUE;
      const next = ownValue(value, part);
      if (next === undefined && isAsked(value, part, asked)) return OPAQUE;
      if (next === undefined) break;
      value = next;
    }
    if (value === OPAQUE) return OPAQUE;
    try {
      return readPath(base, parts, root);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      found.push(new TemplateError(error.message, { line, cause: error }));
      return OPAQUE;
    }
  }
}

/** Items of a list differ, and a variable of `let` may be set to something else. */
function inside(block: string, argument: unknown, params: readonly string[], { contexts, blockParams }: Place): Place {
  const known = block === 'with' ? argument : OPAQUE;
  const named = new Map([...blockParams, ...params.map((name) => [name, known] as const)]);
  // Like Handlebars, for which a block over the object that is current already is no level of its own.
  const isSame = block === 'with' && known !== OPAQUE && known === contexts[0];
  return { contexts: (block === 'with' && !isSame) || block === 'each' ? [known, ...contexts] : contexts, blockParams: named };
}

function baseOf({ data, depth, parts: [head] }: hbs.AST.PathExpression, root: object, { contexts, blockParams }: Place): unknown {
  if (data) return head === 'root' ? root : OPAQUE;
  return head === undefined ? contexts[depth] : blockParams.get(head);
}

function noteKeys(object: unknown, keys: readonly hbs.AST.Expression[], asked: Asked): void {
  const [first, ...rest] = keys;
  if (first === undefined || typeof object !== 'object' || object === null) return;
  if (!isLiteral(first)) {
    asked.set(object, 'all');
    return Object.values(object).forEach((value) => noteKeys(value, rest, asked));
  }
  const key = String(first.value);
  const known = asked.get(object);
  if (known !== 'all') asked.set(object, new Set([...(known ?? []), key]));
  noteKeys(ownValue(object, key), rest, asked);
}

function isLiteral(node: hbs.AST.Expression): node is hbs.AST.StringLiteral | hbs.AST.NumberLiteral {
  return node.type === 'StringLiteral' || node.type === 'NumberLiteral';
}

function isAsked(object: unknown, key: string, asked: Asked): boolean {
  const keys = asked.get(object as object);
  return keys === 'all' || keys?.has(key) === true;
}

function ownValue(object: unknown, key: string): unknown {
  return typeof object === 'object' && object !== null && Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined;
}
