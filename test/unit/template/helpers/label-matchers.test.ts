import assert from 'node:assert/strict';

import { renderText } from '../../../../runner/template/render-text.ts';
import { labelMatchers } from '../../../../runner/template/helpers/label-matchers.ts';

describe('labelMatchers', () => {
  const cases: [selector: string, matchers: string[]][] = [
    ['', []],
    ['app=web', ['label_app="web"']],
    ['app==web', ['label_app="web"']],
    ['app = web', ['label_app="web"']],
    ['app=', ['label_app=""']],
    ['app!=web', ['label_app!="web"']],
    ['app in (b, a,b)', ['label_app=~"a|b"']],
    ['app notin (a,b)', ['label_app!~"a|b"']],
    ['version in (1.2)', ['label_version=~"1\\\\.2"']],
    ['version=1.2', ['label_version="1.2"']],
    ['app', ['label_app=~".+"']],
    ['!app', ['label_app=""']],
    ['app.kubernetes.io/part-of=shop', ['label_app_kubernetes_io_part_of="shop"']],
    ['label_app=web', ['label_app="web"']],
    ['tier in (a,b),app=web', ['label_app="web"', 'label_tier=~"a|b"']],
    ['b=2,a=1,b=1', ['label_a="1"', 'label_b="2"', 'label_b="1"']],
  ];
  for (const [selector, matchers] of cases) {
    it(`writes ${JSON.stringify(selector)} in PromQL`, () => {
      assert.deepEqual(labelMatchers(selector), matchers);
    });
  }

  for (const selector of [
    'app=web,',
    ',',
    'app>1',
    'app<1',
    'app in a',
    'app=a b',
    '=web',
    'a/b/c',
    '-app=web',
    'Upper/app',
    'a'.repeat(64),
    'app=a"}',
    'a b',
  ]) {
    it(`refuses ${JSON.stringify(selector)}`, () => {
      assert.throws(() => labelMatchers(selector), { name: 'TemplateError' });
    });
  }
});

describe('Utilization helpers', () => {
  it('are for metric queries only', () => {
    assert.throws(() => renderText('{{cpuRequests}}', { trial: { namespace: 'slot' }, values: {} }), {
      message: 'cpuRequests: needs a trial and its range, which only metric queries have',
    });
  });

  it('find the trial from within a block', () => {
    const scope = { trial: { namespace: 'slot' }, range: '5s', apps: ['a'] };

    const query = renderText('{{#each apps}}{{cpuRequests (concat "app=" this)}}{{/each}}', scope);

    assert.match(query, /kube_pod_labels\{namespace="slot",label_app="a"\}\[5s\]/);
  });
});
