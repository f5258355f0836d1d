import assert from 'node:assert/strict';
import { mountFiles, type MountedFile } from '../../../runner/lifecycle/mount-files.ts';
import { aTrial } from '../../support/trials.ts';

function aFile(path: string, fields: Partial<MountedFile> = {}): MountedFile {
  return { path, mountPath: '/load', below: path, content: Buffer.from('text'), ...fields };
}

describe('mounted files of the repository', () => {
  it("are in one ConfigMap of the trial's, found by its uid", () => {
    const { configMap } = mountFiles(aTrial(), [aFile('a.js')]) as { configMap: any };

    assert.equal(configMap.kind, 'ConfigMap');
    assert.equal(configMap.metadata.name, 'sizing-001-files');
    assert.equal(configMap.metadata.namespace, 'shop-1');
    assert.equal(configMap.metadata.labels['fieldtrial.dev/trial-uid'], 'trial-uid');
  });

  it('stay text where they are, and bytes where they are not', () => {
    const content = Buffer.from([0xff, 0x00]);

    const { configMap } = mountFiles(aTrial(), [aFile('a.js'), aFile('b.bin', { content })]) as { configMap: any };

    assert.deepEqual(configMap.data, { '0-a.js': 'text' });
    assert.deepEqual(configMap.binaryData, { '1-b.bin': content.toString('base64') });
  });

  it('keep their paths below the folder that they are mounted in, and may be run', () => {
    const { volumes, mounts } = mountFiles(aTrial(), [aFile('load/lib/ä b.sh', { below: 'lib/ä b.sh' })]);

    assert.deepEqual(volumes, [
      {
        name: 'fieldtrial-files-0',
        configMap: { name: 'sizing-001-files', defaultMode: 0o555, items: [{ key: '0-__b.sh', path: 'lib/ä b.sh' }] },
      },
    ]);
    assert.deepEqual(mounts, [{ name: 'fieldtrial-files-0', mountPath: '/load', readOnly: true }]);
  });

  it('have one volume for each folder, and are packed once however often they are mounted', () => {
    const { configMap, volumes, mounts } = mountFiles(aTrial(), [aFile('a.js'), aFile('b.js'), aFile('a.js', { mountPath: '/again' })]);

    assert.deepEqual(Object.keys(configMap['data'] as object), ['0-a.js', '1-b.js']);
    assert.deepEqual(
      volumes.map((volume: any) => volume.configMap.items.map(({ key }: any) => key)),
      [['0-a.js', '1-b.js'], ['0-a.js']],
    );
    assert.deepEqual(
      mounts.map(({ mountPath }) => mountPath),
      ['/load', '/again'],
    );
  });
});
