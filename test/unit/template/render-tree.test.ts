import assert from 'node:assert/strict';

import { renderTree } from '../../../runner/template/render-tree.ts';
import { jobStringField } from '../../../runner/template/string-fields.ts';

const scope = { values: { cpu: 250, replicas: 3, gc: 'g1', key: 'app' } };
const nowhere = () => false;

describe('renderTree', () => {
  it('keeps types where Kubernetes wants no string, and makes strings where it does', () => {
    const job = {
      metadata: { labels: { cpu: '{{values.cpu}}' } },
      spec: {
        completions: '{{values.replicas}}',
        suspend: '{{eq values.gc "zgc"}}',
        template: {
          spec: {
            terminationGracePeriodSeconds: '{{add values.replicas 1}}',
            containers: [
              {
                args: ['{{values.cpu}}', '--gc={{values.gc}}'],
                env: [{ name: 'CPU', value: '{{values.cpu}}' }],
                ports: [{ containerPort: '{{values.cpu}}' }],
                resources: { limits: { cpu: '{{values.replicas}}', memory: '{{values.cpu}}Mi' } },
                livenessProbe: { httpGet: { port: '{{values.cpu}}', path: '/{{values.gc}}' } },
              },
            ],
          },
        },
      },
    };

    const rendered = renderTree(job, scope, jobStringField);

    assert.deepEqual(rendered, {
      metadata: { labels: { cpu: '250' } },
      spec: {
        completions: 3,
        suspend: false,
        template: {
          spec: {
            terminationGracePeriodSeconds: 4,
            containers: [
              {
                args: ['250', '--gc=g1'],
                env: [{ name: 'CPU', value: '250' }],
                ports: [{ containerPort: 250 }],
                resources: { limits: { cpu: '3', memory: '250Mi' } },
                livenessProbe: { httpGet: { port: 250, path: '/g1' } },
              },
            ],
          },
        },
      },
    });
  });

  it('leaves everything else as it is', () => {
    const tree = { a: [1, true, null, 'text', new Date(0), {}, []], b: '' };

    assert.deepEqual(renderTree(tree, scope, nowhere), tree);
  });

  it('renders map keys as text', () => {
    const rendered = renderTree({ labels: { '{{values.key}}': 'x', '{{values.cpu}}': '{{values.cpu}}' } }, scope, nowhere);

    assert.deepEqual(rendered, { labels: { app: 'x', 250: 250 } });
  });

  it('takes a key named __proto__ for data', () => {
    const rendered = renderTree({ '{{concat "__pro" "to__"}}': { admin: '{{values.cpu}}' } }, scope, nowhere) as object;

    assert.deepEqual(Object.keys(rendered), ['__proto__']);
    assert.equal(Object.getPrototypeOf(rendered), Object.prototype);
  });

  it('asks for the type by the path of the given tree', () => {
    const asked: unknown[] = [];

    renderTree({ 'x{{values.cpu}}': ['{{values.cpu}}'] }, scope, (path) => {
      asked.push(path);
      return true;
    });

    assert.deepEqual(asked, [['x{{values.cpu}}', 0]]);
  });

  it('reports every problem with its path and line', () => {
    const tree = { a: '{{values.cpus}}', b: ['fine', 'x\n{{values}}'], '{{#if}}': { c: '{{nope 1}}' } };

    assert.throws(
      () => renderTree(tree, scope, () => true),
      (error: any) => {
        assert.equal(error.name, 'TemplateErrors');
        assert.deepEqual(
          error.errors.map(({ path, line, message }: any) => [path, line, message.split(';')[0]]),
          [
            [['a'], 1, 'unknown name "values.cpus"'],
            [['b', 1], 2, '"values" is an object'],
            [['{{#if}}'], 1, 'an expression or a block is not closed before the template ends'],
            [['{{#if}}', 'c'], 1, 'unknown helper "nope"'],
          ],
        );
        return true;
      },
    );
  });

  it('refuses two keys that render to the same', () => {
    assert.throws(() => renderTree({ app: 1, '{{values.key}}': 2 }, scope, nowhere), {
      name: 'TemplateErrors',
      message: '{{values.key}}: renders to the key "app", which is there already',
    });
  });
});
