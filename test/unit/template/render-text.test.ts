import assert from 'node:assert/strict';

import { renderText } from '../../../runner/template/render-text.ts';

const scope = {
  values: { cpu: 250, gc: 'g1', on: true, off: false, none: null, 'a/b': 1, 'x.y': 2, 'min-replicas': 3, list: ['a', 'b'], 'a b': 4 },
  items: [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ],
  at: new Date('2024-05-01T12:00:00Z'),
};

describe('renderText', () => {
  describe('prints', () => {
    const printed: [source: string, text: string][] = [
      ['no expression at all', 'no expression at all'],
      ['{{values.cpu}}m', '250m'],
      ['{{values.on}} {{values.off}}', 'true false'],
      ['{{at}}', '2024-05-01T12:00:00.000Z'],
      ['{{! a comment }}{{!-- another }} --}}x', 'x'],
      ['\\{{values.cpu}}', '{{values.cpu}}'],
      ['a {{~values.cpu~}} b', 'a250b'],
    ];
    for (const [source, text] of printed) {
      it(source, () => {
        assert.equal(renderText(source, scope), text);
      });
    }
  });

  it('escapes nothing', () => {
    const text = renderText('{{x}}', { x: '<a & "b">' });

    assert.equal(text, '<a & "b">');
  });

  it('takes three braces for two', () => {
    assert.equal(renderText('{{{values.gc}}}', scope), renderText('{{values.gc}}', scope));
  });

  it('drops lines that hold nothing but a block tag', () => {
    const text = renderText('a:\n  {{#if values.on}}\n  b: 1\n  {{/if}}\nc: 2\n', scope);

    assert.equal(text, 'a:\n  b: 1\nc: 2\n');
  });

  describe('reads', () => {
    const read: [source: string, text: string][] = [
      ['{{values.[a/b]}}', '1'],
      ['{{values.[x.y]}}', '2'],
      ['{{values.[a b]}}', '4'],
      ['{{values.min-replicas}}', '3'],
      ['{{lookup values "a/b"}}', '1'],
      ['{{lookup items 1 "name"}}', 'b'],
      ['{{items.[1].name}}', 'b'],
      ['{{items.length}}', '2'],
      ['{{this.values.cpu}} {{./values.cpu}} {{@root.values.cpu}}', '250 250 250'],
    ];
    for (const [source, text] of read) {
      it(source, () => {
        assert.equal(renderText(source, scope), text);
      });
    }
  });

  describe('runs blocks', () => {
    const blocks: [source: string, text: string][] = [
      ['{{#if values.off}}a{{else if values.none}}b{{else}}c{{/if}}', 'c'],
      ['{{#if (eq values.gc "g1")}}a{{/if}}', 'a'],
      ['{{#if zero}}a{{else}}b{{/if}}{{#if zero includeZero=true}}c{{/if}}', 'bc'],
      ['{{^if values.off}}a{{/if}}{{#unless values.off}}b{{/unless}}', 'ab'],
      ['{{#each items}}{{@index}}{{name}}{{@first}}{{@last}} {{/each}}', '0atruefalse 1bfalsetrue '],
      ['{{#each items}}{{../values.cpu}}{{@root.values.gc}} {{/each}}', '250g1 250g1 '],
      ['{{#each items as |item i|}}{{i}}{{item.name}} {{/each}}', '0a 1b '],
      ['{{#each values.list}}{{this}}{{else}}none{{/each}}', 'ab'],
      ['{{#each empty}}{{this}}{{else}}none{{/each}}', 'none'],
      ['{{#each pair}}{{@key}}={{this}};{{/each}}', 'a=1;b=2;'],
      ['{{#each items}}{{#each ../values.list}}{{@../index}}{{this}}{{../name}} {{/each}}{{/each}}', '0aa 0ba 1ab 1bb '],
      ['{{#with values}}{{cpu}}{{/with}}{{#with values as |v|}}{{v.gc}}{{/with}}', '250g1'],
      ['{{#each items as |add|}}{{add.name}}{{/each}}', 'ab'],
    ];
    for (const [source, text] of blocks) {
      it(source, () => {
        assert.equal(renderText(source, { ...scope, zero: 0, empty: [], pair: { a: 1, b: 2 } }), text);
      });
    }
  });

  it('gives back any text that json was given, once parsed', () => {
    const texts = ['{{values.cpu}}', '"\\', "'", '<&>', '\n\t\u2028', '\u0000', '😀', '', ' ', '__proto__', '}}'];
    const data = { texts, nested: { 'a.b': [null, true, -0.5, 1e21, { '': {} }] } };

    const text = renderText('{{json data}}', { data });

    assert.deepEqual(JSON.parse(text), data);
  });
});
