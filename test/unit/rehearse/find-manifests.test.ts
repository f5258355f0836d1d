import assert from 'node:assert/strict';
import { InvalidInput } from '../../../runner/model/errors.ts';
import { searchManifests } from '../../../runner/rehearse/find-manifests.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n';

describe('looking for manifests', () => {
  const wanted = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'app' }];
  const search = (contents: Record<string, string>, fields: Partial<Parameters<typeof searchManifests>[1]> = {}) =>
    searchManifests(wanted, {
      files: repositoryOf(contents),
      near: 'experiments/sizing',
      left: [],
      renderChart: undefined,
      signal: new AbortController().signal,
      ...fields,
    });

  it('takes what stands beside a wanted object in its file, and no other file', async () => {
    const { objects } = await search({
      'deploy/all.yaml': `${CONFIG}---\n${CONFIG.replace('name: app', 'name: beside')}`,
      'deploy/other.yaml': CONFIG.replace('name: app', 'name: other'),
    });

    assert.deepEqual(
      objects.map(({ object, file }) => [object.metadata.name, file]),
      [
        ['app', 'deploy/all.yaml'],
        ['beside', 'deploy/all.yaml'],
      ],
    );
  });

  it('looks into lists, and past files that are something else', async () => {
    const { objects, problems } = await search({
      'a.yaml': 'kind: {{ .Values.kind }}\n  - :',
      'b.json': '{"kind": "none"}',
      'c.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${CONFIG.replaceAll('\n', '\n  ')}`,
    });

    assert.deepEqual(
      objects.map(({ file }) => file),
      ['c.yaml'],
    );
    assert.deepEqual(problems, []);
  });

  it('leaves out what belongs to setup tasks, templates and experiments', async () => {
    const { objects } = await search(
      { 'setup/app.yaml': CONFIG, 'templates/app.yaml': CONFIG, 'experiments/sizing/suggestions/app.yaml': CONFIG },
      { left: ['setup/app.yaml'] },
    );

    assert.deepEqual(objects, []);
  });

  it('says which charts are left out where there is no helm', async () => {
    const { notices } = await search({ 'charts/app/Chart.yaml': 'name: app\n', 'charts/app/templates/app.yaml': CONFIG });

    assert.deepEqual(notices, ['helm is not installed, so chart charts/app is left out']);
  });

  it('finds an object in a chart that helm renders', async () => {
    const { objects } = await search(
      { 'charts/app/Chart.yaml': 'name: app\n' },
      { renderChart: async () => ({ objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app' } }] }) },
    );

    assert.deepEqual(
      objects.map(({ file }) => file),
      ['charts/app'],
    );
  });

  it('says that it cannot look where a link leads out of the repository', async () => {
    const list = () =>
      Promise.reject(new InvalidInput([{ file: 'docs/home', path: '', message: 'is a symbolic link that leaves the repository' }]));

    const { notices } = await search({}, { files: { ...repositoryOf({}), list } });

    assert.deepEqual(notices, [
      'manifests are not looked for (--manifests names them): docs/home: is a symbolic link that leaves the repository',
    ]);
  });
});
