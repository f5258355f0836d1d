import assert from 'node:assert/strict';
import { checkTemplate } from '../../../runner/template/check-template.ts';
import { OPAQUE } from '../../../runner/template/opaque.ts';

const SCOPE = { trial: { name: 'sizing-001' }, values: { cpu: 2, gc: 'g1' }, target: OPAQUE };

const problems = (source: string) => checkTemplate(source, SCOPE).map(({ message, line }) => `${line}: ${message}`);

describe('checking a template without rendering it', () => {
  it('finds every unknown name, in branches that no rendering may take as well', () => {
    const source = '{{#if (eq values.gc "zgc")}}\n{{values.cpus}}{{else}}{{trial.nme}}{{/if}}\n{{add 1 (mul valuess.cpu 2)}}';

    assert.deepEqual(problems(source), [
      '2: unknown name "values.cpus"; known: cpu, gc',
      '2: unknown name "trial.nme"; known: name',
      '3: unknown name "valuess"; known: values, target, trial',
    ]);
  });

  it('finds what cannot be compiled', () => {
    assert.match(problems('{{resourceRequest target "cpu=1"}}')[0]!, /^1: unknown helper "resourceRequest"; known: resourceRequests/);
    assert.match(problems('{{#if values.cpu}}')[0]!, /is not closed/);
  });

  for (const [what, source, problem] of [
    ['in a condition', '{{#unless values.nope}}{{/unless}}', 'unknown name "values.nope"; known: cpu, gc'],
    ['in an argument', '{{add values.nope 1}}', 'unknown name "values.nope"; known: cpu, gc'],
    ['below a number', '{{values.cpu.limit}}', 'unknown name "values.cpu.limit"; "values.cpu" is 2, which has no names'],
    [
      'of the outermost object',
      '{{#each target.items}}{{@root.valuess}}{{/each}}',
      'unknown name "@root.valuess"; known: values, target, trial',
    ],
    ['of the object outside', '{{#each target.items}}{{../nope}}{{/each}}', 'unknown name "../nope"; known: target, trial, values'],
    ['inside with', '{{#with trial}}{{nme}}{{/with}}', 'unknown name "nme"; known: name'],
    [
      'of another object inside with',
      '{{#with trial}}{{values.cpu}}{{/with}}',
      'unknown name "values.cpu" inside this block; write @root.values.cpu',
    ],
    ['of a block parameter', '{{#with values as |v|}}{{v.cpus}}{{/with}}', 'unknown name "v.cpus"; known: cpu, gc'],
    ['in what each goes through', '{{#each tagret.items}}{{/each}}', 'unknown name "tagret"; known: target, trial, values'],
    ['in what let binds', '{{#let values.nope as |x|}}{{x}}{{/let}}', 'unknown name "values.nope"; known: cpu, gc'],
    ['in what set gives', '{{#let 1 as |x|}}{{set x values.nope}}{{/let}}', 'unknown name "values.nope"; known: cpu, gc'],
    ['after each', '{{#each target.items}}{{x}}{{else}}{{y}}{{/each}}', 'unknown name "y"; known: target, trial, values'],
    ['that is a helper', '{{add duration 1}}', 'unknown name "duration"; the helper is called as (duration …)'],
    ['beside one that has asks for', '{{#if (has values "heap")}}{{values.haep}}{{/if}}', 'unknown name "values.haep"; known: cpu, gc'],
  ] as const) {
    it(`finds an unknown name ${what}`, () => {
      assert.deepEqual(problems(source), [`1: ${problem}`]);
    });
  }

  for (const source of [
    '{{values.cpu}} {{this.values.cpu}} {{./values.cpu}} {{trial.name}} {{values.[gc]}}',
    '{{target.items.[0].spec.nodeName}} {{target}}',
    '{{#each target.items}}{{metadata.name}}{{this}}{{@index}}{{@key}}{{@first}}{{@last}}{{../trial.name}}{{@root.values.cpu}}{{/each}}',
    '{{#each target.items as |item index|}}{{item.spec.x}}{{index}}{{#each item.y}}{{../spec}}{{../../trial.name}}{{@../index}}{{/each}}{{/each}}',
    '{{#each values as |value name|}}{{name}}={{value}}{{#if (eq name "cpu")}}{{../values.cpu}}{{/if}}{{/each}}',
    '{{#with trial as |t|}}{{t.name}}{{name}}{{this.name}}{{../values.cpu}}{{#if name}}{{../values.gc}}{{/if}}{{/with}}',
    '{{#with trial}}{{name}}{{else}}{{values.cpu}}{{/with}}',
    '{{#with target}}{{spec.replicas}}{{../values.cpu}}{{/with}}',
    '{{#with this}}{{#with values}}{{cpu}}{{../trial.name}}{{/with}}{{/with}}',
    '{{#let (add values.cpu 1) as |sum|}}{{sum}}{{set sum target}}{{sum.items}}{{#each target.items}}{{sum}}{{/each}}{{/let}}',
    '{{lookup values "anything"}} {{lookup values (concat "c" "pu")}}',
    '{{#if (has values "heap")}}{{values.heap}}{{values.heap.size}}{{/if}}',
    '{{#if (and (has @root "args" "x") (not (has values "a" "b")))}}{{args.x}}{{values.a.b}}{{/if}}',
    '{{#with values}}{{#if (has this "heap")}}{{heap}}{{/if}}{{/with}}',
    '{{#if (has values (concat "he" "ap"))}}{{values.heap}}{{/if}}',
    '{{#if (has @root (concat "val" "ues") "heap")}}{{values.heap}}{{/if}}',
    '{{#if values.cpu}}{{duration}}{{else if (gt values.cpu 1)}}{{values.gc}}{{/if}}',
    '{{!-- {{nope}} --}}\\{{nope}}',
    'none',
  ]) {
    it(`says nothing of ${source}`, () => {
      assert.deepEqual(problems(source), []);
    });
  }
});
