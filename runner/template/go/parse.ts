import { TemplateError } from '../template-error.ts';
import { literalValue } from './literals.ts';
import type { BlockKeyword, Branch, Command, GoNode, Operand, Pipeline, Tag } from './syntax.ts';
import { tokenize, type Piece, type Token } from './tokens.ts';

type Action = Extract<Piece, { type: 'action' }>;

const BLOCKS = ['if', 'with', 'range'];
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['define', 'named templates cannot be translated; write their text where it is used'],
  ['template', 'named templates cannot be translated; write their text where it is used'],
  ['block', 'named templates cannot be translated; write their text where it is used'],
  ['break', 'a range cannot be left early here; put an if around what should be left out'],
  ['continue', 'a range cannot be left early here; put an if around what should be left out'],
]);

/** The syntax tree of a Go template. Throws TemplateError with the line of what cannot be read. */
export function parseGoTemplate(source: string): GoNode[] {
  const reader = readPieces(tokenize(source));
  const nodes = parseBody(reader);
  const left = reader.peek();
  if (left !== undefined) throw new TemplateError(`{{${keywordOf(left)}}} belongs to no block`, { line: left.tag.line });
  return nodes;
}

type Reader = {
  next(): Piece | undefined;
  /** The next piece if it is an action. */
  peek(): Action | undefined;
};

function readPieces(pieces: readonly Piece[]): Reader {
  let at = 0;
  return {
    next: () => pieces[at++],
    peek() {
      const piece = pieces[at];
      return piece?.type === 'action' ? piece : undefined;
    },
  };
}

/** Up to the `else` or `end` that belongs to the block around, which is left to be read. */
function parseBody(reader: Reader): GoNode[] {
  const nodes: GoNode[] = [];
  for (;;) {
    const action = reader.peek();
    if (action !== undefined && ['else', 'end'].includes(keywordOf(action))) return nodes;
    const piece = reader.next();
    if (piece === undefined) return nodes;
    nodes.push(piece.type === 'action' ? parseAction(piece, reader) : piece);
  }
}

function parseAction(action: Action, reader: Reader): GoNode {
  const keyword = keywordOf(action);
  const refusal = REFUSED.get(keyword);
  if (refusal !== undefined) throw new TemplateError(`{{${keyword}}}: ${refusal}`, { line: action.tag.line });
  if (BLOCKS.includes(keyword)) return parseBlock(keyword as BlockKeyword, action, reader);
  return { type: 'action', pipeline: parsePipeline(action.tokens, action.tag.line), tag: action.tag };
}

function parseBlock(keyword: BlockKeyword, open: Action, reader: Reader): GoNode {
  const branches: Branch[] = [parseBranch(keyword, open, open.tokens.slice(1), reader)];
  for (;;) {
    const piece = reader.next();
    if (piece === undefined)
      throw new TemplateError(`{{${keyword}}} is not closed by {{end}} before the template ends`, { line: open.tag.line });
    const action = piece as Action;
    if (keywordOf(action) === 'end') {
      if (action.tokens.length > 1) throw unexpected(action.tokens[1]!);
      return { type: 'block', keyword, branches, close: action.tag };
    }
    if (branches.at(-1)?.pipeline === undefined) throw new TemplateError('{{else}} is there twice', { line: action.tag.line });
    branches.push(parseElse(keyword, action, reader));
  }
}

function parseElse(keyword: BlockKeyword, action: Action, reader: Reader): Branch {
  const [, second] = action.tokens;
  if (second === undefined) return { tag: action.tag, body: parseBody(reader) };
  if (second.text !== keyword || keyword === 'range') throw unexpected(second);
  return parseBranch(keyword, action, action.tokens.slice(2), reader);
}

function parseBranch(keyword: BlockKeyword, { tag }: { tag: Tag }, tokens: readonly Token[], reader: Reader): Branch {
  const pipeline = parsePipeline(tokens, tag.line);
  if (pipeline.assigns !== undefined) throw new TemplateError(`{{${keyword}}} declares a variable with :=`, { line: tag.line });
  const most = keyword === 'range' ? 2 : 1;
  if (pipeline.declares.length > most) throw new TemplateError(`{{${keyword}}} declares at most ${most} variables`, { line: tag.line });
  return { keyword, pipeline, tag, body: parseBody(reader) };
}

function keywordOf({ tokens: [first] }: Action): string {
  return first?.type === 'word' ? first.text : '';
}

function parsePipeline(tokens: readonly Token[], line: number): Pipeline {
  const { declares, assigns, rest } = parseDeclaration(tokens);
  if (rest.length === 0) throw new TemplateError('an action is empty', { line });
  const parser = { tokens: rest, at: 0 };
  const commands = parseCommands(parser);
  const left = parser.tokens[parser.at];
  if (left !== undefined) throw unexpected(left);
  return { line, declares, commands, ...(assigns !== undefined && { assigns }) };
}

function parseDeclaration(tokens: readonly Token[]): { declares: string[]; assigns?: string; rest: readonly Token[] } {
  const sign = tokens.findIndex(({ text, type }) => type === 'mark' && (text === ':=' || text === '='));
  if (sign === -1) return { declares: [], rest: tokens };
  const [first, comma, second] = tokens;
  const names = sign === 1 ? [first!] : sign === 3 && comma?.text === ',' ? [first!, second!] : [];
  if (names.length === 0 || names.some(({ type, text }) => type !== 'variable' || text === '$')) throw unexpected(tokens[sign]!);
  const rest = tokens.slice(sign + 1);
  if (tokens[sign]!.text === '=') {
    if (names.length > 1) throw unexpected(tokens[sign]!);
    return { declares: [], assigns: names[0]!.text, rest };
  }
  return { declares: names.map(({ text }) => text), rest };
}

type Parser = { tokens: readonly Token[]; at: number };

/** Commands between pipes, up to a closing parenthesis or the end. */
function parseCommands(parser: Parser): Command[] {
  const commands: Command[] = [];
  for (;;) {
    commands.push(parseCommand(parser));
    if (parser.tokens[parser.at]?.text !== '|') return commands;
    parser.at += 1;
  }
}

function parseCommand(parser: Parser): Command {
  const operands: Operand[] = [];
  for (;;) {
    const token = parser.tokens[parser.at];
    const ends = token === undefined || (token.type === 'mark' && (token.text === '|' || token.text === ')'));
    if (!ends) {
      operands.push(parseOperand(parser, token));
      continue;
    }
    const [first, ...rest] = operands;
    if (first === undefined)
      throw token === undefined ? new TemplateError('a pipe leads to nothing', { line: parser.tokens.at(-1)!.line }) : unexpected(token);
    return [first, ...rest];
  }
}

function parseOperand(parser: Parser, token: Token): Operand {
  parser.at += 1;
  const operand = parseTerm(parser, token);
  const path = [...operand.path, ...parseFields(parser)];
  if (operand.type === 'literal' && path.length > 0) throw new TemplateError(`${token.text} has no fields`, { line: token.line });
  return { ...operand, path };
}

function parseTerm(parser: Parser, token: Token): Operand {
  const { type, text, line } = token;
  switch (type) {
    case 'field':
      return { type: 'dot', path: [text.slice(1)], line };
    case 'variable':
      return { type: 'variable', name: text, path: [], line };
    case 'string':
    case 'char':
    case 'number':
      return { type: 'literal', value: literalValue(token), path: [], line };
    case 'word':
      if (text === 'true' || text === 'false') return { type: 'literal', value: text === 'true', path: [], line };
      return text === 'nil' ? { type: 'literal', value: null, path: [], line } : { type: 'function', name: text, path: [], line };
    case 'mark':
      if (text === '.') return { type: 'dot', path: [], line };
      return text === '(' ? parseParentheses(parser, line) : refuse(token);
  }
}

function parseParentheses(parser: Parser, line: number): Operand {
  const commands = parseCommands(parser);
  if (parser.tokens[parser.at]?.text !== ')') throw new TemplateError('a parenthesis is not closed', { line });
  parser.at += 1;
  return { type: 'pipeline', pipeline: { line, declares: [], commands }, path: [], line };
}

function parseFields(parser: Parser): string[] {
  const fields: string[] = [];
  for (;;) {
    const token = parser.tokens[parser.at];
    if (token?.type !== 'field' || !token.attached) return fields;
    fields.push(token.text.slice(1));
    parser.at += 1;
  }
}

function refuse(token: Token): never {
  throw unexpected(token);
}

function unexpected({ text, line }: Token): TemplateError {
  return new TemplateError(`unexpected ${JSON.stringify(text)} in an action`, { line });
}
