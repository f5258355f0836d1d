import assert from 'node:assert/strict';

import { renderText } from '../../../runner/template/render-text.ts';

class Account {
  owner = 'ann';

  get secret() {
    return 's3cret';
  }

  run() {
    return 'ran';
  }
}

const scope = {
  values: { cpu: 250, gc: 'g1', none: null, absent: undefined },
  items: [{ name: 'a' }, { name: 'b' }],
  account: new Account(),
  call: () => 'called',
};

const SET = '{{set}} takes a name of {{#let}} and its new value: {{#let 0 as |sum|}}…{{set sum (add sum 1)}}…{{/let}}';

describe('A template', () => {
  describe('refuses an unknown name', () => {
    const message = 'unknown name "values.cpus"; known: cpu, gc, none';
    for (const source of [
      '{{values.cpus}}',
      '{{{values.cpus}}}',
      '{{this.values.cpus}}',
      '{{#if values.cpus}}{{/if}}',
      '{{#unless values.cpus}}{{/unless}}',
      '{{#each values.cpus}}{{/each}}',
      '{{#with values.cpus}}{{/with}}',
      '{{#if values.none}}{{else if values.cpus}}{{/if}}',
      '{{#if values.cpu includeZero=values.cpus}}{{/if}}',
      '{{add values.cpus 1}}',
      '{{add 1 (add values.cpus 1)}}',
      '{{#if (eq values.cpus 1)}}{{/if}}',
      '{{json values.cpus}}',
      '{{lookup values.cpus "a"}}',
      '{{values.cpus.a}}',
    ]) {
      it(`in ${source}`, () => {
        assert.throws(() => renderText(source, scope), { name: 'TemplateError', message });
      });
    }
  });

  refuses('an unknown name, wherever the path begins', [
    ['{{cpu}}', 'unknown name "cpu"; known: account, call, items, values'],
    ['{{@root.valuse.cpu}}', 'unknown name "@root.valuse"; known: values, account, call, items'],
    ['{{#each items}}{{../valuse}}{{/each}}', 'unknown name "../valuse"; known: values, account, call, items'],
    ['{{#each items as |item|}}{{item.nam}}{{/each}}', 'unknown name "item.nam"; known: name'],
    ['{{#each items}}{{values.cpu}}{{/each}}', 'unknown name "values.cpu" inside this block; write @root.values.cpu'],
    ['{{#each items}}{{nam}}{{/each}}', 'unknown name "nam"; known: name'],
    ['{{lookup values "cpus"}}', 'lookup: unknown name "cpus"; known: cpu, gc, none'],
    ['{{items.[2]}}', 'unknown name "items.2"; "items" is a list of 2'],
    ['{{values.[a/b]}}', 'unknown name "values.[a/b]"; known: cpu, gc, none'],
    ['{{#if values.absent}}{{/if}}', 'unknown name "values.absent"; known: cpu, gc, none'],
    ['{{../values}}', '".." is outside of the outermost object'],
  ]);

  refuses('a name within what is no object', [
    ['{{values.cpu.foo}}', 'unknown name "values.cpu.foo"; "values.cpu" is 250, which has no names'],
    ['{{#if values.gc.length}}{{/if}}', 'unknown name "values.gc.length"; "values.gc" is "g1", which has no names'],
    ['{{values.none.foo}}', 'unknown name "values.none.foo"; "values.none" is null, which has no names'],
    ['{{#with values.cpu}}{{foo}}{{/with}}', 'unknown name "foo"; "this" is 250, which has no names'],
    ['{{lookup values.cpu "foo"}}', 'lookup: expected an object, got 250'],
  ]);

  refuses('prototypes, accessors and functions', [
    ['{{constructor}}', 'unknown name "constructor"; known: account, call, items, values'],
    ['{{values.__proto__}}', 'unknown name "values.__proto__"; known: cpu, gc, none'],
    ['{{#if values.toString}}{{/if}}', 'unknown name "values.toString"; known: cpu, gc, none'],
    ['{{items.map}}', 'unknown name "items.map"; "items" is a list of 2'],
    ['{{lookup items "constructor"}}', 'lookup: unknown name "constructor"; "this" is a list of 2'],
    ['{{#with values}}{{#with this}}{{hasOwnProperty}}{{/with}}{{/with}}', 'unknown name "hasOwnProperty"; known: cpu, gc, none'],
    ['{{account.secret}}', 'unknown name "account.secret"; known: owner'],
    ['{{account.run}}', 'unknown name "account.run"; known: owner'],
    ['{{call}}', '"call" is a function, not data'],
    ['{{#each call}}{{/each}}', '"call" is a function, not data'],
  ]);

  refuses('unknown data variables, and known ones out of place', [
    ['{{@level}}', 'unknown name "@level"; known: @root, @index, @key, @first, @last'],
    ['{{@partial-block}}', 'unknown name "@partial-block"; known: @root, @index, @key, @first, @last'],
    ['{{@root.trial}}', 'unknown name "@root.trial"; known: account, call, items, values'],
    ['{{#if @index}}{{/if}}', '"@index" has no value here; it is known inside {{#each}}'],
    ['{{#each items}}{{@../key}}{{/each}}', '"@../key" has no value here; it is known inside {{#each}}'],
  ]);

  refuses('what has no text', [
    ['{{values}}', '"values" is an object; print it with {{json …}}'],
    ['{{this}}', '"this" is an object; print it with {{json …}}'],
    ['{{items}}', '"items" is a list; print it with {{json …}}'],
    ['{{split "a,b" ","}}', 'the result of split is a list; print it with {{json …}}'],
    ['{{values.none}}', '"values.none" is null, which has no text; print it with {{json …}} or leave it out with {{#if …}}'],
  ]);

  refuses('helpers and blocks that there are not', [
    ['{{ad 1 2}}', /^unknown helper "ad"; known: add, abs, and, /],
    ['{{upper (frobnicate 1)}}', /^unknown helper "frobnicate"; known: abs, add, .* and \d+ more$/],
    ['{{log "x"}}', /^unknown helper "log"; known: /],
    ['{{helperMissing 1}}', /^unknown helper "helperMissing"; known: /],
    ['{{[#keep] 1}}', /^unknown helper "#keep"; known: /],
    ['{{values.gc 1}}', /^unknown helper "values.gc"; known: /],
    ['{{upper lower}}', 'unknown name "lower"; the helper is called as (lower …)'],
    ['{{#values}}{{/values}}', 'unknown block "values"; known: each, if, let, unless, with'],
    ['{{#constructor}}{{/constructor}}', 'unknown block "constructor"; known: each, if, let, unless, with'],
    ['{{{{raw}}}}x{{{{/raw}}}}', 'unknown block "raw"; known: each, if, let, unless, with'],
    ['{{#blockHelperMissing 1}}{{/blockHelperMissing}}', 'unknown block "blockHelperMissing"; known: each, if, let, unless, with'],
    ['{{#add 1 2}}{{/add}}', '"add" is not a block; write {{add …}}'],
    ['{{if 1}}', '"if" is a block; write {{#if …}}…{{/if}}'],
    ['{{#each items as |add|}}{{add 1 2}}{{/each}}', '"add" is a block parameter here, not a helper'],
    ['{{"text"}}', 'an expression begins with a name or a helper; write literal text without braces'],
  ]);

  refuses('wrong arguments', [
    ['{{sub 1}}', 'sub takes 2 arguments, got 1'],
    ['{{add 1}}', 'add takes 2 or more arguments, got 1'],
    ['{{round 1 2 3}}', 'round takes 1 to 2 arguments, got 3'],
    ['{{#with values}}{{min}}{{/with}}', 'min takes 1 or more arguments, got 0; to read a name write this.min'],
    ['{{json values indent=2}}', 'json takes no option "indent"'],
    ['{{#if}}{{/if}}', '{{#if}} takes 1 argument, got 0'],
    ['{{#if 1 2}}{{/if}}', '{{#if}} takes 1 argument, got 2'],
    ['{{#each items sort=true}}{{/each}}', '{{#each}} takes no option "sort"'],
    ['{{#if 1 as |x|}}{{/if}}', '{{#if}} names at most 0 block parameters, got 1'],
    ['{{#let values.cpu}}{{/let}}', '{{#let}} names its value and has no {{else}}: {{#let (add values.cpu 50) as |sum|}}…{{sum}}…{{/let}}'],
    [
      '{{#let 1 as |a|}}{{else}}{{/let}}',
      '{{#let}} names its value and has no {{else}}: {{#let (add values.cpu 50) as |sum|}}…{{sum}}…{{/let}}',
    ],
    ['{{set values.cpu 1}}', SET],
    ['{{set}}', SET],
    ['{{#each items as |a|}}{{set a 1}}{{/each}}', SET],
    ['{{#let 1 as |a|}}{{set a}}{{/let}}', SET],
    ['{{#let 1 as |a|}}{{set a.b 1}}{{/let}}', SET],
    ['{{#let 1 as |a|}}{{set a 1 2}}{{/let}}', SET],
    ['{{#let 1 as |a|}}{{#each items as |a|}}{{set a 1}}{{/each}}{{/let}}', SET],
    ['{{#let 1 as |a|}}{{upper (set a 1)}}{{/let}}', /^unknown helper "set"; known: /],
    ['{{#let 1 as |a b|}}{{/let}}', '{{#let}} names at most 1 block parameters, got 2'],
    ['{{#let values.cpus as |a|}}{{/let}}', 'unknown name "values.cpus"; known: cpu, gc, none'],
    ['{{#each items as |if|}}{{#if 1}}{{/if}}{{/each}}', '"if" cannot be a block parameter; expected a plain name'],
    ['{{#each items as |item [#read]|}}{{nam}}{{/each}}', '"[#read]" cannot be a block parameter; expected a plain name'],
    ['{{#each values.cpu}}{{/each}}', '{{#each}} takes a list or an object, got 250'],
    ['{{#each values.gc}}{{/each}}', '{{#each}} takes a list or an object, got "g1"'],
  ]);

  refuses('partials and decorators', [
    ['{{> header}}', 'partials such as {{> name}} are not available'],
    ['{{#> header}}x{{/header}}', 'partials such as {{> name}} are not available'],
    ['{{> @partial-block}}', 'partials such as {{> name}} are not available'],
    ['{{* decorator}}', 'decorators such as {{* name}} are not available'],
    ['{{#*inline "x"}}{{/inline}}', 'decorators such as {{* name}} are not available'],
    ['{{#if values.none}}{{> header}}{{/if}}', 'partials such as {{> name}} are not available'],
  ]);

  it('does not look into branches that are not taken', () => {
    const text = renderText('{{#if values.none}}{{values.cpus}}{{/if}}', scope);

    assert.equal(text, '');
  });

  it('names a value with {{#let}}, which leaves all other names alone', () => {
    const text = renderText(
      '{{#let 0 as |zero|}}{{#each items as |item|}}{{#let (upper item.name) as |name|}}{{name}}{{zero}}{{this.name}} {{/let}}{{/each}}{{values.cpu}}{{/let}}',
      scope,
    );

    assert.equal(text, 'A0a B0b 250');
  });

  it('gives a name of {{#let}} another value with {{set}}', () => {
    const text = renderText(
      '{{#let 0 as |n|}}{{#each items as |item|}}{{set n (add n 1)}}{{item.name}}{{n}} {{/each}}{{n}}{{#let n as |m|}}{{set m 9}}{{m}}{{/let}}{{n}}{{/let}}',
      scope,
    );

    assert.equal(text, 'a1 b2 292');
  });

  it('removes lines that hold a {{set}} alone', () => {
    const source = 'a\n{{#let 1 as |n|}}\n  {{set n 2}}  \n{{#if n}}\n  {{set n 3}}\n{{/if}}\nb{{set n 4}}\nc {{n}}\n{{/let}}\n';

    assert.equal(renderText(source, scope), 'a\nb\nc 4\n');
  });

  it('tells the line of a problem within a block and an argument', () => {
    const source = 'a\n{{#each items}}\n  {{upper\n    (lower nam)}}\n{{/each}}';

    assert.throws(() => renderText(source, scope), { message: 'unknown name "nam"; known: name', line: 4 });
  });

  it('tells the line of a helper that failed', () => {
    assert.throws(() => renderText('a\n\n{{div 1 0}}', scope), { message: 'div: division by zero', line: 3 });
  });
});

function refuses(what: string, cases: [source: string, message: string | RegExp][]): void {
  describe(`refuses ${what}`, () => {
    for (const [source, message] of cases) {
      it(source, () => {
        assert.throws(() => renderText(source, scope), { name: 'TemplateError', message, line: 1 });
      });
    }
  });
}
