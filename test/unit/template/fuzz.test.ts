import assert from 'node:assert/strict';

import { renderText } from '../../../runner/template/render-text.ts';
import { TemplateError } from '../../../runner/template/template-error.ts';

const PIECES = [
  '{{',
  '}}',
  '{{{',
  '}}}',
  '{{#',
  '{{/',
  '{{^',
  '{{>',
  '{{*',
  '{{#*',
  '{{!',
  '{{!--',
  '--}}',
  '{{{{',
  '}}}}',
  '~',
  '(',
  ')',
  '[',
  ']',
  '|',
  ' as |x|',
  ' as |if|',
  ' as |[#read]|',
  'if',
  'each',
  'with',
  'unless',
  'else',
  'add',
  'json',
  'lookup',
  'this',
  '..',
  '../',
  '.',
  '/',
  '@',
  '@index',
  '@root',
  '=',
  '"',
  "'",
  '1',
  '-1.5',
  'true',
  'null',
  'undefined',
  'values',
  'cpu',
  'list',
  'constructor',
  '__proto__',
  ' ',
  ' ',
  ' ',
  '\n',
  '\r\n',
  '\\',
  'é',
  '\u2028',
];
const BLOCKS = [
  '{{#if values.cpu}}',
  '{{/if}}',
  '{{#each list}}',
  '{{/each}}',
  '{{else}}',
  '{{values.cpu}}',
  '{{add 1 (add 2 values.cpu)}}',
];

describe('Templates made of random pieces', () => {
  it('render to text or fail with a TemplateError of one line', () => {
    const random = generator(7);
    const scope = { values: { cpu: 250 }, list: [1, null, { a: [] }] };
    let failures = 0;
    for (let round = 0; round < 2000; round += 1) {
      const pieces = round % 2 === 0 ? PIECES : [...PIECES, ...BLOCKS, ...BLOCKS, ...BLOCKS, ...BLOCKS];
      const source = Array.from({ length: 1 + (random() % 10) }, () => pieces[random() % pieces.length]).join('');
      const outcome = attempt(() => renderText(source, scope));
      if (typeof outcome === 'string') continue;
      failures += 1;
      assert.ok(outcome instanceof TemplateError, `${JSON.stringify(source)}: ${String(outcome)}`);
      assert.ok(!outcome.message.includes('\n') && (outcome.line ?? 1) >= 1, `${JSON.stringify(source)}: ${outcome.message}`);
    }
    assert.ok(failures > 500 && failures < 1990, `${failures} failures: the pieces try only one side`);
  });
});

function attempt(run: () => string): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

/** xorshift32: the same pieces on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
