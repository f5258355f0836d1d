import assert from 'node:assert/strict';
import { translateGoTemplate } from '../../../../runner/template/go/translate.ts';
import { renderText } from '../../../../runner/template/render-text.ts';

const pod = (name: string, cpu: string) => ({
  metadata: { name, labels: { app: 'shop' } },
  spec: { containers: [{ name: 'app', resources: { requests: { cpu, memory: '5000' } } }] },
  status: { podIP: '10.0.0.1' },
});
const scope = {
  trial: { name: 'mytrial', namespace: 'default', number: 1, experiment: 'exp' },
  values: { replicas: 2, cpu: 250, zero: 0, gc: 'g1', threads: '8', 'jvm/heap': 384, 'a-b': 5, empty: '' },
  window: { start: '2024-05-01T12:00:00.000Z', completion: '2024-05-01T12:00:05.000Z', duration: 5 },
  range: '5s',
  target: { kind: 'PodList', items: [pod('a', '200m'), pod('b', '289m')] },
};

/** Template of Go, its Handlebars, and what both print. */
type Case = [go: string, handlebars: string, printed: string];

describe('Go templates', () => {
  translates('names', [
    ['plain text', 'plain text', 'plain text'],
    ['{{ .Values.cpu }}m', '{{values.cpu}}m', '250m'],
    ['{{.Trial.Name}}/{{ $.Trial.Namespace }}', '{{trial.name}}/{{trial.namespace}}', 'mytrial/default'],
    ['{{ .Trial.ObjectMeta.Name }}', '{{trial.name}}', 'mytrial'],
    ['{{ index .Values "cpu" }}', '{{values.cpu}}', '250'],
    ['{{ index .Values "jvm/heap" }}', '{{values.[jvm/heap]}}', '384'],
    ['{{ index .Values "a-b" }}', '{{values.a-b}}', '5'],
    ['{{ (index .Values "cpu") }}', '{{values.cpu}}', '250'],
    ['{{ duration .StartTime .CompletionTime }}', '{{duration window.start window.completion}}', '5'],
    ['{{ duration .Trial.Status.StartTime .Trial.Status.CompletionTime }}', '{{duration window.start window.completion}}', '5'],
    ['rate(x[{{ .Range }}])', 'rate(x[{{range}}])', 'rate(x[5s])'],
    ['{{ (index .Target.Items 1).Name }}', '{{target.items.[1].metadata.name}}', 'b'],
    ['{{ (index .Target.items 1).metadata.name }}', '{{target.items.[1].metadata.name}}', 'b'],
    ['{{ (index .Pods.Items 0).Status.PodIP }}', '{{target.items.[0].status.podIP}}', '10.0.0.1'],
    ['{{ index (index .Target.items 0).metadata.labels "app" }}', '{{target.items.[0].metadata.labels.app}}', 'shop'],
  ]);

  translates('pipelines and calls', [
    ['{{ .Values.gc | upper }}', '{{upper values.gc}}', 'G1'],
    ['{{ .Values.gc | upper | quote }}', '{{quote (upper values.gc)}}', '"G1"'],
    ['{{ 9 | printf "%03d-%s" .Values.cpu | trunc 3 }}', '{{trunc 3 (printf "%03d-%s" values.cpu 9)}}', '250'],
    ['{{ percent .Values.cpu 50 }}', '{{percent values.cpu 50}}', '125'],
    ['{{ percent (add .Values.cpu 50) 50 }}', '{{percent (add values.cpu 50) 50}}', '150'],
    ['{{ index .Values "jvm/heap" | percent 5 }}', '{{percent 5 values.[jvm/heap]}}', '19'],
    ['{{ cpuRequests . "app=shop" | GB }}', '{{GB (cpuRequests "app=shop")}}', renderText('{{GB (cpuRequests "app=shop")}}', scope)],
    ['{{ memoryUtilization $ }}', '{{memoryUtilization}}', renderText('{{memoryUtilization}}', scope)],
    ['{{ resourceRequests .Target "cpu=0.05,memory=0.005" }}', '{{resourceRequests target "cpu=0.05,memory=0.005"}}', '50024.45'],
    ['{{ (indexResource (index .Target.items 1).spec "x").MilliValue }}', '{{milliValue (indexResource target.items.[1].spec "x")}}', '0'],
    [
      '{{ with index .Pods.Items 1 }}{{ (index .Spec.Containers 0).Resources.Requests.Cpu.MilliValue }}{{ end }}',
      '{{#with target.items.[1]}}{{milliValue (indexResource this.spec.containers.[0].resources.requests "cpu")}}{{/with}}',
      '289',
    ],
  ]);

  translates('arithmetic as sprig does it', [
    ['{{ add .Values.cpu 1 2 }}', '{{add values.cpu 1 2}}', '253'],
    ['{{ add1 .Values.cpu }}', '{{add values.cpu 1}}', '251'],
    ['{{ add 1.9 2 }}', '{{add 1 2}}', '3'],
    ['{{ sub .Values.cpu 50 }}', '{{sub values.cpu 50}}', '200'],
    ['{{ mul .Values.cpu 4 }}', '{{mul values.cpu 4}}', '1000'],
    ['{{ div .Values.cpu 4 }}', '{{truncate (div values.cpu 4)}}', '62'],
    ['{{ mod .Values.cpu 4 }}', '{{mod values.cpu 4}}', '2'],
    ['{{ addf 1.5 .Values.cpu }}', '{{add 1.5 values.cpu}}', '251.5'],
    ['{{ subf 10 0.5 0.25 }}', '{{sub (sub 10 0.5) 0.25}}', '9.25'],
    ['{{ mulf .Values.cpu 0.1 }}', '{{mul values.cpu 0.1}}', '25'],
    ['{{ divf .Values.cpu 1000 }}', '{{div values.cpu 1000}}', '0.25'],
    ['{{ mulf .Values.cpu 0.75 | int }}', '{{truncate (mul values.cpu 0.75)}}', '187'],
    ['{{ round (divf .Values.cpu 3) 2 }}', '{{round (div values.cpu 3) 2}}', '83.33'],
    ['{{ round (divf .Values.cpu 3) 0 }}', '{{round (div values.cpu 3)}}', '83'],
    ['{{ ceil (divf .Values.cpu 3) }} {{ floor 2.9 }}', '{{ceil (div values.cpu 3)}} {{floor 2.9}}', '84 2'],
    ['{{ min .Values.cpu 100 }} {{ max .Values.cpu 100 }}', '{{min values.cpu 100}} {{max values.cpu 100}}', '100 250'],
    ['{{ .Values.threads | int }} {{ int64 .Values.cpu }}', '{{int values.threads}} {{int values.cpu}}', '8 250'],
    ['{{ float64 .Values.threads }}', '{{number values.threads}}', '8'],
    ['{{ mulf 1e-9 .Values.cpu }}', '{{mul "1e-9" values.cpu}}', '2.5e-7'],
    ['{{ add 0x10 010 1_000 }}', '{{add 16 8 1000}}', '1024'],
  ]);

  translates('texts', [
    ['{{ toString .Values.cpu }}', '{{string values.cpu}}', '250'],
    ['{{ quote .Values.gc }}', '{{quote values.gc}}', '"g1"'],
    ['{{ quote .Values.gc .Values.cpu }}', '{{concat (quote values.gc) " " (quote values.cpu)}}', '"g1" "250"'],
    ['{{ squote .Values.gc }}', `{{concat "'" values.gc "'"}}`, "'g1'"],
    ['{{ trunc 3 .Trial.Name }}', '{{trunc 3 trial.name}}', 'myt'],
    ['{{ lower "ABC" }}{{ upper .Values.gc }}', '{{lower "ABC"}}{{upper values.gc}}', 'abcG1'],
    ['{{ .Trial.Name | replace "my" "your" }}', '{{replace trial.name "my" "your"}}', 'yourtrial'],
    ['{{ default 7 .Values.zero }} {{ .Values.cpu | default 7 }}', '{{default 7 values.zero}} {{default 7 values.cpu}}', '7 250'],
    ['{{ or .Values.empty "none" }}', '{{default "none" values.empty}}', 'none'],
    ['{{ printf "%.2f" (divf .Values.cpu 1000) }}', '{{printf "%.2f" (div values.cpu 1000)}}', '0.25'],
    ['{{ printf "%s=%q" "a" .Values.gc }}', '{{printf "%s=%q" "a" values.gc}}', 'a="g1"'],
    ['{{ printf `{app="%s"}` .Values.gc }}', `{{printf '{app="%s"}' values.gc}}`, '{app="g1"}'],
    ['{{ "it\\u0027s \\"x\\"" | upper }}', '{{upper "it\'s \\"x\\""}}', 'IT\'S "X"'],
    ['{{ len .Target.items }}', '{{length target.items}}', '2'],
    ['{{ "text" }}{{ 5 }}{{ true }}{{ `raw` }}', 'text5trueraw', 'text5trueraw'],
    ["{{ add 'a' 1 }}", '{{add 97 1}}', '98'],
  ]);

  translates('conditions', [
    ['{{ if .Values.cpu }}yes{{ else }}no{{ end }}', '{{#if values.cpu}}yes{{else}}no{{/if}}', 'yes'],
    ['{{ if eq .Values.gc "g1" }}yes{{ end }}', '{{#if (eq values.gc "g1")}}yes{{/if}}', 'yes'],
    ['{{ if eq .Values.gc "zgc" "g1" }}yes{{ end }}', '{{#if (or (eq values.gc "zgc") (eq values.gc "g1"))}}yes{{/if}}', 'yes'],
    [
      '{{ if gt .Values.cpu 500 }}large{{ else if gt .Values.cpu 100 }}medium{{ else }}small{{ end }}',
      '{{#if (gt values.cpu 500)}}large{{else if (gt values.cpu 100)}}medium{{else}}small{{/if}}',
      'medium',
    ],
    [
      '{{ if and (ge .Values.cpu 100) (not (or .Values.zero (ne .Values.gc "g1"))) }}yes{{ end }}',
      '{{#if (and (ge values.cpu 100) (not (or values.zero (ne values.gc "g1"))))}}yes{{/if}}',
      'yes',
    ],
    ['{{ if .Values.zero }}yes{{ else }}no{{ end }}', '{{#if values.zero}}yes{{else}}no{{/if}}', 'no'],
    ['{{ if $x := .Values.cpu }}{{ $x }}{{ end }}', '{{#let values.cpu as |x|}}{{#if x}}{{x}}{{/if}}{{/let}}', '250'],
    ['{{ with .Values.cpu }}{{ . }}m{{ end }}', '{{#if values.cpu}}{{values.cpu}}m{{/if}}', '250m'],
    ['{{ with .Values.zero }}{{ . }}{{ else }}none{{ end }}', '{{#if values.zero}}{{values.zero}}{{else}}none{{/if}}', 'none'],
    [
      '{{ with percent .Values.cpu 10 }}{{ . }}{{ $.Trial.Name }}{{ end }}',
      '{{#let (percent values.cpu 10) as |value|}}{{#if value}}{{value}}{{trial.name}}{{/if}}{{/let}}',
      '25mytrial',
    ],
    ['{{ with $x := .Values.cpu }}{{ $x }}{{ . }}{{ end }}', '{{#let values.cpu as |x|}}{{#if x}}{{x}}{{x}}{{/if}}{{/let}}', '250250'],
    [
      '{{ with .Target }}{{ .kind }}{{ $.Values.cpu }}{{ else }}none{{ end }}',
      '{{#with target}}{{this.kind}}{{@root.values.cpu}}{{else}}none{{/with}}',
      'PodList250',
    ],
    [
      '{{ with $t := .Target }}{{ $t.kind }}{{ .kind }}{{ end }}',
      '{{#let target as |t|}}{{#with t}}{{t.kind}}{{this.kind}}{{/with}}{{/let}}',
      'PodListPodList',
    ],
  ]);

  translates('ranges', [
    ['{{ range .Target.Items }}{{ .metadata.name }},{{ end }}', '{{#each target.items}}{{this.metadata.name}},{{/each}}', 'a,b,'],
    [
      '{{ range .Target.Items }}{{ .Name }}{{ $.Values.cpu }},{{ end }}',
      '{{#each target.items}}{{this.metadata.name}}{{@root.values.cpu}},{{/each}}',
      'a250,b250,',
    ],
    [
      '{{ range $i, $pod := .Target.Items }}{{ $i }}{{ $pod.metadata.name }}{{ end }}',
      '{{#each target.items as |pod i|}}{{i}}{{pod.metadata.name}}{{/each}}',
      '0a1b',
    ],
    [
      '{{ range $pod := .Target.Items }}{{ $pod.Name }}{{ else }}none{{ end }}',
      '{{#each target.items as |pod|}}{{pod.metadata.name}}{{else}}none{{/each}}',
      'ab',
    ],
    [
      '{{ range $k, $v := .Values }}{{ if eq $k "cpu" }}{{ $k }}={{ $v }}{{ end }}{{ end }}',
      '{{#each values as |v k|}}{{#if (eq k "cpu")}}{{k}}={{v}}{{/if}}{{/each}}',
      'cpu=250',
    ],
    [
      '{{ range .Pods.Items }}{{ range .Spec.Containers }}{{ $cpu := .Resources.Requests.Cpu }}{{ $cpu.MilliValue }} {{ end }}{{ end }}',
      '{{#each target.items}}{{#each this.spec.containers}}{{#let (indexResource this.resources.requests "cpu") as |cpu|}}{{milliValue cpu}} {{/let}}{{/each}}{{/each}}',
      '200 289 ',
    ],
  ]);

  translates('variables', [
    ['{{ $x := .Values.cpu }}{{ $x }}', '{{#let values.cpu as |x|}}{{x}}{{/let}}', '250'],
    ['{{ $x := 2 }}{{ $y := mul $x 3 }}{{ $y }}', '{{#let 2 as |x|}}{{#let (mul x 3) as |y|}}{{y}}{{/let}}{{/let}}', '6'],
    [
      '{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}',
      '{{#let 1 as |x|}}{{#if true}}{{#let 2 as |x|}}{{x}}{{/let}}{{/if}}{{x}}{{/let}}',
      '21',
    ],
    ['{{ $x := 1 }}{{ $y := 2 }}{{ $x }}{{ $y }}\n', '{{#let 1 as |x|}}{{#let 2 as |y|}}{{x}}{{y}}\n{{/let}}\n{{/let}}\n', '12\n'],
    [
      '{{ $heap := 100 }}{{ if gt .Values.cpu 200 }}{{ $heap = div .Values.cpu 2 }}{{ end }}{{ $heap }}',
      '{{#let 100 as |heap|}}{{#if (gt values.cpu 200)}}{{set heap (truncate (div values.cpu 2))}}{{/if}}{{heap}}{{/let}}',
      '125',
    ],
    [
      '{{ $n := 0 }}{{ range .Target.items }}{{ $n = add $n 1 }}{{ end }}{{ $n }}',
      '{{#let 0 as |n|}}{{#each target.items}}{{set n (add n 1)}}{{/each}}{{n}}{{/let}}',
      '2',
    ],
    ['{{ $max := .Values.cpu }}{{ max $max 5 }}', '{{#let values.cpu as |max_|}}{{max max_ 5}}{{/let}}', '250'],
    ['{{ $values := .Values }}{{ $values.cpu }}', '{{#let values as |values_|}}{{values_.cpu}}{{/let}}', '250'],
  ]);

  translates('trim markers, comments and newlines', [
    ['a  {{- .Values.cpu -}}  b', 'a  {{~values.cpu~}}  b', 'a250b'],
    ['a: {{ if .Values.zero }}["x"]\n{{- end }}\nb: 1', 'a: {{#if values.zero}}["x"]\n{{~/if}}{{!}}\nb: 1', 'a: \nb: 1'],
    ['a\n{{ if true }}\nb\n{{ end }}\nc', 'a\n{{#if true}}\nb\n{{/if}}\nc', 'a\nb\nc'],
    ['a {{- "x" -}} b', 'a {{~string "x"~}} b', 'axb'],
    ['a {{- if true -}} b {{- else -}} c {{- end -}} d', 'a {{~#if true~}} b {{~else~}} c {{~/if~}} d', 'abd'],
    ['a\n{{- $x := 1 -}}\nb {{- $x }}\n', 'a\n{{~#let 1 as |x|~}}\nb {{~x}}\n{{/let}}\n', 'ab1\n'],
    ['{{ if true }}{{ $x := 1 }}{{ $x }} {{- end }}', '{{#if true}}{{#let 1 as |x|}}{{x}}{{/let}} {{~/if}}', '1'],
    ['a:\n  {{- $x := 1 }}\n  b: {{ $x }}\n', 'a:\n  {{#let 1 as |x|}}\n  b: {{x}}\n{{/let}}\n', 'a:\n  b: 1\n'],
    ['a\n{{- if true }}\nb\n{{- else }}\nc\n{{- end }}\nd', 'a\n{{#if true}}\nb\n{{else}}\nc\n{{/if}}\nd', 'a\nb\nd'],
    ['a\n\n{{- if true }}\nb\n{{- end }}', 'a\n\n{{~#if true}}{{!}}\nb\n{{~/if}}', 'a\nb'],
    ['a\n  {{ if true -}}\n  b\n  {{ end -}}\nc', 'a\n  {{!}}{{#if true~}}\n  b\n  {{!}}{{/if~}}\nc', 'a\n  b\n  c'],
    ['a\n  {{- /* why */}}\nb', 'a\n  {{!-- why --}}\nb', 'a\nb'],
    [
      'a\n{{- range .Target.items }}\n- {{ .metadata.name }}\n{{- end }}\n',
      'a\n{{#each target.items}}\n- {{this.metadata.name}}\n{{/each}}\n',
      'a\n- a\n- b\n',
    ],
    [
      'a\n{{- if true }}\n{{- $x := 1 }}\nb{{ $x }}\n{{- end }}\nc',
      'a\n{{#if true}}\n{{#let 1 as |x|}}\nb{{x}}{{/let}}\n{{/if}}\nc',
      'a\nb1\nc',
    ],
    [
      '{{- $x := 1 }}\n{{- if .Values.cpu }}\n{{- $x = 2 }}\n{{- end }}\na: {{ $x }}\n',
      '{{#let 1 as |x|}}\n{{#if values.cpu}}\n{{set x 2}}\n{{/if}}\na: {{x}}\n{{/let}}\n',
      'a: 2\n',
    ],
    ['a{{/* why */}}b', 'a{{!-- why --}}b', 'ab'],
    ['a {{- /* why */ -}} b', 'a {{~!-- why --~}} b', 'ab'],
    ['{{ add\n  1\n  2 }}', '{{add 1 2}}', '3'],
  ]);

  translates('text that Handlebars would take for something else', [
    ['{"value":{{ .Values.cpu }}}', '{"value":{{values.cpu}}{{!}}}', '{"value":250}'],
    ['{{ "{{" }} x }}', '\\{{ x }}', '{{ x }}'],
    ['{{ "{{{" }}', '{{string "{{{"}}', '{{{'],
    ['a{{ "{" }}{{ .Values.cpu }}', 'a{{string "{"}}{{values.cpu}}', 'a{250'],
    ['C:\\{{ .Values.cpu }}', 'C:\\\\{{values.cpu}}', 'C:\\250'],
    ['C:\\\\{{ .Values.cpu }}', 'C:\\\\\\{{values.cpu}}', 'C:\\\\250'],
  ]);

  refuses([
    ['a\n\n{{ b64enc .Values.cpu }}', 3, /^the function "b64enc" has no counterpart and cannot be translated; known: /],
    ['{{ .Values.cpu\n | nindent 4 }}', 2, /^the function "nindent" has no counterpart/],
    ['{{ .Vals.cpu }}', 1, 'unknown name ".Vals"; known: .Trial, .Values, .Target, .Pods, .StartTime, .CompletionTime, .Range'],
    ['{{ .Trial.Labels.app }}', 1, '.Trial.Labels has no counterpart; of a trial, .Trial.Name and .Trial.Namespace are known'],
    ['{{ .Trial.Status.Phase }}', 1, '.Trial.Status.Phase has no counterpart; .StartTime and .CompletionTime are known'],
    ['{{ $x }}', 1, 'the variable $x is not declared here'],
    ['{{ $x = 2 }}', 1, 'the variable $x is not declared here'],
    [
      '{{ range $x := .Target.items }}{{ $x = 2 }}{{ end }}',
      1,
      '$x belongs to its range and cannot get another value; declare one of its own',
    ],
    ['{{ if $x = 2 }}{{ end }}', 1, '{{if}} declares a variable with :='],
    ['{{ if true }}', 1, '{{if}} is not closed by {{end}} before the template ends'],
    ['{{ end }}', 1, '{{end}} belongs to no block'],
    ['{{ else }}', 1, '{{else}} belongs to no block'],
    ['{{ if 1 }}{{ else }}{{ else }}{{ end }}', 1, '{{else}} is there twice'],
    ['a\n{{ .Values.cpu', 2, 'an action {{ … }} is not closed before the template ends'],
    ['{{ }}', 1, 'an action is empty'],
    ['{{ (add 1 2 }}', 1, 'a parenthesis is not closed'],
    ['{{ add 1 2) }}', 1, 'unexpected ")" in an action'],
    ['{{ .Values.cpu | }}', 1, 'a pipe leads to nothing'],
    ['{{ .Values.my-param }}', 1, 'unexpected "-" in an action'],
    ['{{ "abc }}', 1, 'a text that begins with " is not closed on its line'],
    ['{{ define "x" }}{{ end }}', 1, '{{define}}: named templates cannot be translated; write their text where it is used'],
    ['{{ template "x" . }}', 1, '{{template}}: named templates cannot be translated; write their text where it is used'],
    [
      '{{ range .Values }}{{ break }}{{ end }}',
      1,
      '{{break}}: a range cannot be left early here; put an if around what should be left out',
    ],
    ['{{ sub 1 }}', 1, 'sub takes 2 arguments, got 1'],
    ['{{ .Values.cpu 5 }}', 1, '.Values.cpu is not a function and takes no argument'],
    ['{{ cpuRequests "app=shop" }}', 1, 'cpuRequests takes the dot first: {{ cpuRequests . "app=checkout" }}'],
    ['{{ and .Values.cpu 5 }}', 1, '"and" gives one of its values here, which has no counterpart; write an if'],
    ['{{ .Values.cpu.limit }}', 1, '.limit has no counterpart here: values.cpu has no fields'],
    ['{{ /* open', 1, 'a comment is {{/* … */}}, and this one is not closed so'],
    ['{{ printf "%s" nil.x }}', 1, 'nil has no fields'],
    ['{{ . }}', 1, 'the whole of the data has no text'],
  ]);

  it('know in patches what patches had', () => {
    assert.throws(() => translateGoTemplate('{{ .Range }}', 'patch'), { message: '.Range is known in metric queries alone', line: 1 });
    assert.throws(() => translateGoTemplate('{{ .Foo }}', 'patch'), { message: 'unknown name ".Foo"; known: .Trial, .Values' });
  });
});

function translates(what: string, cases: Case[]): void {
  describe(what, () => {
    for (const [source, handlebars, printed] of cases) {
      it(source, () => {
        const translated = translateGoTemplate(source, 'query');

        assert.equal(translated, handlebars);
        assert.equal(renderText(translated, scope), printed);
      });
    }
  });
}

function refuses(cases: [source: string, line: number, message: string | RegExp][]): void {
  describe('are refused where there is no counterpart', () => {
    for (const [source, line, message] of cases) {
      it(source, () => {
        assert.throws(() => translateGoTemplate(source, 'query'), { name: 'TemplateError', message, line });
      });
    }
  });
}
