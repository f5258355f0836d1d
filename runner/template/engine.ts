import Handlebars from 'handlebars';

import { BLOCKS } from './blocks.ts';
import { describeValue } from './describe-value.ts';
import { HELPERS } from './helpers/all.ts';
import type { Helper } from './helpers/helper.ts';
import { printValue } from './print-value.ts';
import { readPath } from './read-path.ts';
import { strictProgram } from './strict-program.ts';
import type { InternalHelper } from './syntax-nodes.ts';
import { TemplateError } from './template-error.ts';
import { Variable } from './variable.ts';

type Call = Handlebars.HelperOptions & { loc: hbs.AST.SourceLocation; data: { root: object } };
type Run = (values: unknown[], root: object) => unknown;

const INTERNALS: Record<Exclude<InternalHelper, '#keep'>, Run> = {
  '#read': ([value, prefix, ...parts], root) =>
    readPath({ value: value instanceof Variable ? value.value : value, prefix: prefix as string }, parts as string[], root),
  '#print': ([value, name]) => printValue(value, name as string),
  '#set': ([variable, value]) => assign(variable as Variable, value),
  '#iterate': ([value]) => iterable(value),
};

const HELPER_NAMES = [...HELPERS.keys()];
const ENGINE = buildEngine();
const OPTIONS = {
  noEscape: true,
  knownHelpers: Object.fromEntries(
    [...Object.keys(INTERNALS), '#keep', 'let', ...HELPER_NAMES].map((name) => [name, true]),
  ) as KnownHelpers,
};

/** The template's text. Throws TemplateError. */
export function runTemplate(program: hbs.AST.Program, scope: object): string {
  return ENGINE.compile(strictProgram(program, HELPER_NAMES, '#print'), OPTIONS)(scope);
}

/** The value of a template that is one expression, as it is, without printing it. Throws TemplateError. */
export function runExpression(program: hbs.AST.Program, scope: object): unknown {
  let kept: unknown;
  const keep = (value: unknown) => {
    kept = value;
    return '';
  };
  ENGINE.compile(strictProgram(program, HELPER_NAMES, '#keep'), OPTIONS)(scope, { helpers: { '#keep': keep } });
  return kept;
}

/** An environment that holds our helpers and blocks, and nothing else. */
function buildEngine(): typeof Handlebars {
  const engine = Handlebars.create();
  for (const name of Object.keys(engine.helpers)) if (!BLOCKS.has(name)) engine.unregisterHelper(name);
  engine.registerHelper('let', bind);
  for (const [name, run] of Object.entries(INTERNALS)) register(engine, name, run);
  for (const [name, helper] of HELPERS) register(engine, name, (values, root) => runHelper(name, helper, values, root));
  return engine;
}

/** Unlike `with` it does not change what names belong to, and takes 0, false and nothing for values like any other. */
function bind(this: unknown, value: unknown, { fn, data }: Handlebars.HelperOptions): string {
  return fn(this, { data, blockParams: [new Variable(value)] });
}

function register(engine: typeof Handlebars, name: string, run: Run): void {
  engine.registerHelper(name, (...given: unknown[]) => {
    const { loc, data } = given.pop() as Call;
    try {
      return run(given, data.root);
    } catch (error) {
      if (!(error instanceof TemplateError) || error.line !== undefined) throw error;
      throw new TemplateError(error.message, { line: loc.start.line, cause: error });
    }
  });
}

function runHelper(name: string, { takes, run }: Helper, values: unknown[], root: object): unknown {
  const [fewest, most = fewest] = typeof takes === 'number' ? [takes] : takes;
  if (values.length < fewest || values.length > most) {
    const instead = values.length === 0 ? `; to read a name write this.${name}` : '';
    throw new TemplateError(`${name} takes ${countArguments(fewest, most)}, got ${values.length}${instead}`);
  }
  try {
    return run(values, root);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(`${name}: ${error.message}`, { cause: error });
  }
}

function countArguments(fewest: number, most: number): string {
  const range = most === fewest ? `${fewest}` : most === Infinity ? `${fewest} or more` : `${fewest} to ${most}`;
  return `${range} ${range === '1' ? 'argument' : 'arguments'}`;
}

function assign(variable: Variable, value: unknown): string {
  variable.value = value;
  return '';
}

function iterable(value: unknown): object {
  if (typeof value === 'object' && value !== null) return value;
  throw new TemplateError(`{{#each}} takes a list or an object, got ${describeValue(value)}`);
}
