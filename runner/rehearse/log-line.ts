import { RegExpParser, RegExpSyntaxError, type AST } from '@eslint-community/regexpp';
import { findInJson, findInText } from '../metrics/find-in-log.ts';

/** A line in which a metric of type `logs` finds this value; undefined where none could be made. */
export function logLine(format: 'regexp' | 'json', query: string, value: number): string | undefined {
  const line = format === 'json' ? jsonLine(query, value) : textLine(query, value);
  if (line === undefined) return undefined;
  const finding = format === 'json' ? findInJson(line, query) : findInText(line, query);
  return finding.status === 'Found' && finding.value === value ? line : undefined;
}

/** All paths in one object, because the last line that is JSON answers them all. */
export function mergeJsonLines(lines: readonly string[]): string {
  return JSON.stringify(lines.map((line) => JSON.parse(line)).reduce(merged, undefined));
}

function merged(left: any, right: any): any {
  if (left === undefined || left === null || typeof left !== 'object' || typeof right !== 'object' || right === null) return right ?? left;
  if (Array.isArray(left) && Array.isArray(right))
    return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => merged(left[index], right[index]));
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(left[key], right[key])]));
}

function jsonLine(path: string, value: number): string | undefined {
  const steps = [
    ...path
      .trim()
      .replace(/^\$?\.?/, '')
      .matchAll(/\.?([^.[\]]+)|\[(\d+)\]|\["([^"]*)"\]/g),
  ];
  if (steps.length === 0) return undefined;
  const nested = steps.reduceRight<unknown>((inner, [, plain, index, quoted]) => {
    if (index === undefined) return { [(plain ?? quoted)!]: inner };
    return [...Array<null>(Math.min(Number(index), 1000)).fill(null), inner];
  }, value);
  return JSON.stringify(nested);
}

function textLine(pattern: string, value: number): string | undefined {
  try {
    return new RegExpParser().parsePattern(pattern).alternatives.map((each) => matching(each, value))[0];
  } catch (error) {
    if (error instanceof RegExpSyntaxError) return undefined;
    throw error;
  }
}

/** A shortest text that matches, with the value in place of the group; what it cannot do is found when the line is looked at. */
function matching({ elements }: AST.Alternative, value: number): string {
  return elements.map((element) => matchingElement(element, value)).join('');
}

function matchingElement(element: AST.Element, value: number): string {
  switch (element.type) {
    case 'Character':
      return String.fromCodePoint(element.value);
    case 'CapturingGroup':
      return String(value);
    case 'Group':
      return matching(element.alternatives[0]!, value);
    case 'Quantifier':
      // A group that may be missing is still wanted.
      return matchingElement(element.element, value).repeat(element.element.type === 'CapturingGroup' ? 1 : element.min);
    case 'CharacterSet':
      return SETS[element.kind] ?? '';
    case 'CharacterClass':
      return element.negate
        ? (['x', '0', ' ', '-'].find((each) => new RegExp(element.raw).test(each)) ?? '')
        : matchingClass(element.elements[0]);
    default:
      return '';
  }
}

const SETS: Record<string, string> = { any: 'x', digit: '0', space: ' ', word: 'x' };

function matchingClass(element: AST.CharacterClassElement | undefined): string {
  if (element?.type === 'Character') return String.fromCodePoint(element.value);
  if (element?.type === 'CharacterClassRange') return String.fromCodePoint(element.min.value);
  return element?.type === 'CharacterSet' ? (SETS[element.kind] ?? '') : '';
}
