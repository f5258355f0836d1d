import { BLOCKS } from '../blocks.ts';
import { HELPERS } from '../helpers/all.ts';
import { TemplateError } from '../template-error.ts';
import { fieldOf, itemHolds, type TemplatePlace } from './fields.ts';
import { callFunction } from './functions.ts';
import { parseGoTemplate } from './parse.ts';
import type { Branch, Command, GoNode, Operand, Pipeline, Tag } from './syntax.ts';
import { joinPieces, type OutputPiece, type TagPiece } from './text.ts';
import { argumentText, literalValueOf, pathValue, type Value } from './value.ts';

/**
 * A Go template of the ancestor in the words of our Handlebars: same lines, same text around its actions. Where Go printed `<no value>`
 * for a name that is not there, the result refuses it when it is rendered. Throws TemplateError with the line for what has no counterpart.
 */
export function translateGoTemplate(source: string, place: TemplatePlace): string {
  if (!source.includes('{{')) return source;
  const root = pathValue('', 'root');
  return joinPieces(
    translateBody(parseGoTemplate(source), { dot: root, root, variables: new Map(), fixed: new Set(), place }, NO_TAG).pieces,
  );
}

type Scope = {
  /** What `.` is. */
  dot: Value;
  /** What `$` is. */
  root: Value;
  variables: ReadonlyMap<string, Value>;
  /** Those that a range gives their values. */
  fixed: ReadonlySet<string>;
  place: TemplatePlace;
};

type Body = {
  pieces: OutputPiece[];
  /** Blocks that were closed at its end have done the trimming of the tag behind it. */
  trimmed: boolean;
};

const NO_TAG: Tag = { line: 1, trimLeft: false, trimRight: false };

/** Names that a variable must not hide from what is around it. */
const TAKEN = new Set([
  ...BLOCKS.keys(),
  ...HELPERS.keys(),
  'trial',
  'values',
  'window',
  'range',
  'target',
  'args',
  'this',
  'as',
  'else',
  'set',
]);

/** A variable lives to the end of the body that declares it, so the rest of the body goes into a `let`. `next` is the tag behind it. */
function translateBody(nodes: readonly GoNode[], outer: Scope, next: Tag): Body {
  const pieces: OutputPiece[] = [];
  let scope = outer;
  let lets = 0;
  for (const node of nodes) {
    if (node.type === 'action' && node.pipeline.declares.length > 0) {
      const [name] = node.pipeline.declares;
      const value = evaluate(node.pipeline, scope, false);
      const bound = bind(name!, value, scope);
      pieces.push(tag(`#let ${located(node.pipeline.line, () => argumentText(value))} as |${bound.name}|`, node.tag));
      scope = bound.scope;
      lets += 1;
    } else {
      pieces.push(...translateNode(node, scope));
    }
  }
  return closeLets(pieces, lets, next);
}

/** Before the space that `next` trims, where text stands before it, so that `next` may have a line of its own. */
function closeLets(pieces: OutputPiece[], lets: number, next: Tag): Body {
  if (lets === 0) return { pieces, trimmed: false };
  const last = pieces.at(-1);
  const space = last?.type === 'text' ? /\s+$/.exec(last.text)?.[0] : undefined;
  const closings = (trimLeft: boolean) => Array.from({ length: lets }, (_, index) => tag('/let', { trimLeft: trimLeft && index === 0 }));
  if (next.trimLeft && last?.type === 'text' && space !== undefined && endsInline(pieces, last.text)) {
    const text = last.text.slice(0, -space.length);
    return { pieces: [...pieces.slice(0, -1), { type: 'text', text }, ...closings(false), { type: 'text', text: space }], trimmed: false };
  }
  // At the end of the template each has a line of its own, which it goes with.
  if (next === NO_TAG && last?.type === 'text' && last.text.endsWith('\n')) {
    return {
      pieces: [...pieces, ...closings(false).flatMap((each): OutputPiece[] => [each, { type: 'text', text: '\n' }])],
      trimmed: true,
    };
  }
  return { pieces: [...pieces, ...closings(next.trimLeft)], trimmed: true };
}

/** Whether what stands before the last space prints something, rather than being a line that is not printed. */
function endsInline(pieces: readonly OutputPiece[], text: string): boolean {
  const before = pieces.at(-2);
  return text.trim() !== '' || (before?.type === 'tag' && !/^[#/!e]/.test(before.inner));
}

function translateNode(node: GoNode, scope: Scope): OutputPiece[] {
  switch (node.type) {
    case 'text':
      return [{ type: 'text', text: node.text }];
    case 'comment':
      return [tag(`!--${node.text.replaceAll('--}}', '--} }')}--`, node.tag)];
    case 'action':
      if (node.pipeline.assigns !== undefined) return [tag(assignment(node.pipeline, node.pipeline.assigns, scope), node.tag)];
      return [printed(evaluate(node.pipeline, scope, false), node.tag)];
    case 'block':
      return translateBlock(node, scope);
  }
}

function assignment(pipeline: Pipeline, variable: string, scope: Scope): string {
  return located(pipeline.line, () => {
    const bound = scope.variables.get(variable);
    if (bound === undefined) throw new TemplateError(`the variable ${variable} is not declared here`);
    if (scope.fixed.has(variable))
      throw new TemplateError(`${variable} belongs to its range and cannot get another value; declare one of its own`);
    return `set ${bound.text} ${argumentText(evaluate(pipeline, scope, false))}`;
  });
}

function printed(value: Value, { line, trimLeft, trimRight }: Tag): OutputPiece {
  if (value.form !== 'literal') {
    if (value.holds === 'root') throw new TemplateError('the whole of the data has no text', { line });
    return tag(value.text, { trimLeft, trimRight });
  }
  if (value.literal === null) throw new TemplateError('nil has no text', { line });
  if (trimLeft || trimRight) return tag(`string ${value.text}`, { trimLeft, trimRight });
  return { type: 'text', text: String(value.literal) };
}

function translateBlock({ keyword, branches, close }: Extract<GoNode, { type: 'block' }>, scope: Scope): OutputPiece[] {
  const [first, ...others] = branches;
  const head = openBlock(first!, scope);
  const block = {};
  const pieces: OutputPiece[] = head.open.map((piece) => ({ ...piece, block }));
  let body = translateBody(first!.body, head.scope, others[0]?.tag ?? close);
  pieces.push(...body.pieces);
  for (const [index, branch] of others.entries()) {
    const inner = branch.pipeline === undefined ? { text: 'else', scope } : openElse(branch, scope, head.name, keyword);
    pieces.push(tag(inner.text, { trimLeft: branch.tag.trimLeft && !body.trimmed, trimRight: branch.tag.trimRight, block }));
    body = translateBody(branch.body, inner.scope, others[index + 1]?.tag ?? close);
    pieces.push(...body.pieces);
  }
  const ends = [`/${head.name}`, ...(head.binds ? ['/let'] : [])];
  const closings = ends.map((text, index) =>
    tag(text, { trimLeft: index === 0 && close.trimLeft && !body.trimmed, trimRight: index === ends.length - 1 && close.trimRight, block }),
  );
  return [...pieces, ...closings];
}

type Opened = {
  open: TagPiece[];
  scope: Scope;
  name: string;
  /** A `let` stands around the block. */
  binds: boolean;
};

function openBlock({ keyword, pipeline, tag: { trimLeft, trimRight } }: Branch, scope: Scope): Opened {
  const { declares, line } = pipeline!;
  if (keyword === 'range') return openRange(pipeline!, { trimLeft, trimRight }, scope);
  const value = evaluate(pipeline!, scope, keyword === 'if' && declares.length === 0);
  const text = located(line, () => argumentText(value));
  const [declared] = declares;
  if (declared !== undefined || (keyword === 'with' && isScalar(value) && value.form === 'call')) {
    const bound = bind(declared ?? '$value', value, scope);
    const { name } = bound;
    const inner = keyword === 'with' && !isScalar(value) ? changed(bound.scope, value) : bound.scope;
    const block = keyword === 'with' && !isScalar(value) ? 'with' : 'if';
    const dot = keyword === 'with' && isScalar(value) ? { ...inner, dot: bound.value } : inner;
    return {
      open: [tag(`#let ${text} as |${name}|`, { trimLeft }), tag(`#${block} ${name}`, { trimRight })],
      scope: dot,
      name: block,
      binds: true,
    };
  }
  const { block, scope: inner } = conditional(keyword!, value, scope);
  return { open: [tag(`#${block} ${text}`, { trimLeft, trimRight })], scope: inner, name: block, binds: false };
}

/** Handlebars' own `with` takes 0 for true, so a `with` over a number or text is an `if` whose dot is that value. */
function conditional(keyword: string, value: Value, scope: Scope): { block: string; scope: Scope } {
  if (keyword === 'if') return { block: 'if', scope };
  if (isScalar(value)) return { block: 'if', scope: { ...scope, dot: value } };
  return { block: 'with', scope: changed(scope, value) };
}

function openElse({ pipeline, tag: { line } }: Branch, scope: Scope, block: string, keyword: string): { text: string; scope: Scope } {
  if (pipeline!.declares.length > 0)
    throw new TemplateError('a variable of an {{else if}} cannot be translated; declare it before the if', { line });
  const value = evaluate(pipeline!, scope, keyword === 'if');
  const inner = conditional(keyword, value, scope);
  if (inner.block !== block) throw new TemplateError('{{else with}} of another kind of value cannot be translated; write an if', { line });
  return { text: `else ${inner.block} ${located(line, () => argumentText(value))}`, scope: inner.scope };
}

function openRange(pipeline: Pipeline, trims: Pick<Tag, 'trimLeft' | 'trimRight'>, scope: Scope): Opened {
  const value = evaluate(pipeline, scope, false);
  const item = pathValue('this', itemHolds(value));
  const inner: Scope = { ...scope, dot: item, root: pathValue('@root', 'root') };
  // Go names the position first, Handlebars the item.
  const [itemName, keyName] = pipeline.declares.toReversed();
  const withItem = itemName === undefined ? undefined : bind(itemName, item, inner);
  const withKey = keyName === undefined ? undefined : bind(keyName, pathValue('', 'text'), withItem!.scope);
  const names = [withItem, withKey].flatMap((bound) => (bound === undefined ? [] : [bound.name]));
  const text = located(pipeline.line, () => argumentText(value));
  return {
    open: [tag(`#each ${text}${names.length > 0 ? ` as |${names.join(' ')}|` : ''}`, trims)],
    scope: fix(withKey?.scope ?? withItem?.scope ?? inner, pipeline.declares),
    name: 'each',
    binds: false,
  };
}

function fix(scope: Scope, variables: readonly string[]): Scope {
  return { ...scope, fixed: new Set([...scope.fixed, ...variables]) };
}

/** Inside a block that changes what names belong to. */
function changed(scope: Scope, value: Value): Scope {
  if (value.holds === 'root') return scope;
  return { ...scope, dot: pathValue('this', value.holds), root: pathValue('@root', 'root') };
}

function isScalar({ holds }: Value): boolean {
  return ['assignment', 'integer', 'fraction', 'text', 'boolean', 'quantity', 'time'].includes(holds);
}

function bind(variable: string, value: Value, scope: Scope): { name: string; value: Value; scope: Scope } {
  const plain = variable.slice(1);
  const name = TAKEN.has(plain) || !/^[A-Za-z_]\w*$/.test(plain) ? `${plain.replaceAll(/\W/g, '_')}_` : plain;
  const bound = pathValue(name, value.holds);
  const fixed = new Set([...scope.fixed].filter((each) => each !== variable));
  return { name, value: bound, scope: { ...scope, fixed, variables: new Map([...scope.variables, [variable, bound]]) } };
}

function evaluate({ commands, line }: Pipeline, scope: Scope, condition: boolean): Value {
  return commands.reduce<Value | undefined>(
    (piped, command, index) => located(line, () => evaluateCommand(command, piped, scope, condition && index === commands.length - 1)),
    undefined,
  )!;
}

function evaluateCommand([first, ...rest]: Command, piped: Value | undefined, scope: Scope, condition: boolean): Value {
  return located(first.line, () => {
    const isConnective = first.type === 'function' && ['and', 'or', 'not'].includes(first.name);
    const inCondition = (condition || (first.type === 'function' && first.name === 'not')) && isConnective;
    const args = [...rest.map((operand) => evaluateOperand(operand, scope, inCondition)), ...(piped === undefined ? [] : [piped])];
    if (first.type === 'function') return fields(callFunction(first.name, args, condition), first.path, scope);
    if (args.length > 0) throw new TemplateError(`${describe(first)} is not a function and takes no argument`);
    return evaluateOperand(first, scope, condition);
  });
}

function evaluateOperand(operand: Operand, scope: Scope, condition: boolean): Value {
  return located(operand.line, () => fields(evaluateTerm(operand, scope, condition), operand.path, scope));
}

function evaluateTerm(operand: Operand, scope: Scope, condition: boolean): Value {
  switch (operand.type) {
    case 'dot':
      return scope.dot;
    case 'variable': {
      if (operand.name === '$') return scope.root;
      const value = scope.variables.get(operand.name);
      if (value === undefined) throw new TemplateError(`the variable ${operand.name} is not declared here`);
      return value;
    }
    case 'function':
      return callFunction(operand.name, [], condition);
    case 'pipeline':
      return evaluate(operand.pipeline, scope, condition);
    case 'literal':
      return literalValueOf(operand.value);
  }
}

function fields(base: Value, path: readonly string[], { place }: Scope): Value {
  return path.reduce((value, name) => fieldOf(value, name, place), base);
}

function describe(operand: Operand): string {
  const start = operand.type === 'variable' ? operand.name : operand.type === 'literal' ? JSON.stringify(operand.value) : '';
  return start + operand.path.map((name) => `.${name}`).join('') || 'the dot';
}

/** The innermost line that is known wins. */
function located<Result>(line: number, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TemplateError) || error.line !== undefined) throw error;
    throw new TemplateError(error.message, { line, cause: error });
  }
}

function tag(inner: string, { trimLeft = false, trimRight = false, block }: Partial<Tag> & { block?: object }): TagPiece {
  return { type: 'tag', inner, trimLeft, trimRight, block };
}
