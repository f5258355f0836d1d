import assert from 'node:assert/strict';
import { InvalidInput } from '../../../runner/model/errors.ts';
import { readManifests, searchManifests } from '../../../runner/rehearse/find-manifests.ts';
import { repositoryOf } from '../../support/repository-of.ts';

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n';

describe('looking for manifests', () => {
  const wanted = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'app' }];
  const search = (contents: Record<string, string>, fields: Partial<Parameters<typeof searchManifests>[1]> = {}, refs = wanted) =>
    searchManifests(refs, {
      files: repositoryOf(contents),
      near: 'experiments/sizing',
      left: [],
      renderChart: undefined,
      refusal: () => undefined,
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

  it('passes over what a cluster refuses, with a word, and takes the next file that has it', async () => {
    const { objects, notices } = await search(
      {
        'deploy/a.yaml': `${CONFIG}data: [wrong]\n---\n${CONFIG.replace('name: app', 'name: beside')}`,
        'deploy/b.yaml': `${CONFIG}data: {size: "1"}\n`,
        'deploy/c.yaml': CONFIG,
      },
      { refusal: ({ data }) => (Array.isArray(data) ? 'data: not a map' : undefined) },
    );

    assert.deepEqual(
      objects.map(({ object, file }) => [object.metadata.name, file]),
      [['app', 'deploy/b.yaml']],
    );
    assert.deepEqual(notices, [
      'deploy/a.yaml: ConfigMap app is passed over, because a cluster refuses it: data: not a map',
      'ConfigMap app is taken from deploy/b.yaml; it is also in deploy/c.yaml (--manifests chooses)',
    ]);
  });

  it('takes from a file that it uses nothing that a cluster refuses in favour of another file', async () => {
    const other = CONFIG.replace('name: app', 'name: other');
    const { objects } = await search(
      { 'deploy/a.yaml': `${CONFIG}---\n${other}data: [wrong]\n`, 'deploy/b.yaml': other },
      { refusal: ({ data }) => (Array.isArray(data) ? 'data: not a map' : undefined) },
      [...wanted, { apiVersion: 'v1', kind: 'ConfigMap', name: 'other' }],
    );

    assert.deepEqual(
      objects.map(({ object, file }) => [object.metadata.name, file]),
      [
        ['app', 'deploy/a.yaml'],
        ['other', 'deploy/b.yaml'],
      ],
    );
  });

  const OVERLAY = {
    'deploy/base/app.yaml': CONFIG,
    'deploy/prod/kustomization.yaml': `resources: [../base]
patches: [{path: app.yaml}, {patch: "- {op: remove, path: /data}"}]
patchesStrategicMerge: [./more.yaml, "kind: ConfigMap"]
patchesJson6902: [{target: {version: v1, kind: ConfigMap, name: app}, path: json.yaml}]
`,
    'deploy/prod/app.yaml': `${CONFIG}data: {size: "1"}\n`,
    'deploy/prod/more.yaml': `${CONFIG}data: {size: "2"}\n`,
    'deploy/prod/json.yaml': `${CONFIG}data: {size: "3"}\n`,
  };

  it('takes no patch of a kustomization for a manifest', async () => {
    const { objects, notices } = await search(OVERLAY, { near: 'deploy/prod' });

    assert.deepEqual(
      objects.map(({ file }) => file),
      ['deploy/base/app.yaml'],
    );
    assert.deepEqual(notices, []);
  });

  it('takes the patches of a kustomization out of a folder that is named, and not a patch that is named itself', async () => {
    const source = {
      files: repositoryOf(OVERLAY),
      renderChart: undefined,
      refusal: () => undefined,
      signal: new AbortController().signal,
    };

    const [folder, file] = [await readManifests(['deploy'], source), await readManifests(['deploy/prod/app.yaml'], source)];

    assert.deepEqual(
      [folder, file].map(({ objects }) => objects.map((each) => each.file)),
      [['deploy/base/app.yaml'], ['deploy/prod/app.yaml']],
    );
    assert.deepEqual(folder.notices, [
      'deploy holds a kustomization, which is not built; its files are read as they are, without its patches',
    ]);
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
