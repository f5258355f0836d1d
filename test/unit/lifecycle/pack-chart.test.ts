import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { packChart } from '../../../runner/lifecycle/pack-chart.ts';

const FILES = [
  { path: 'charts/postgres/values.yaml', content: Buffer.from('memory: 1Gi\n') },
  { path: 'charts/postgres/Chart.yaml', content: Buffer.from('name: postgres\n') },
  { path: 'charts/postgres/templates/a.bin', content: Buffer.from([0, 255, 10]) },
];

async function unpack(archive: Buffer): Promise<Record<string, Buffer>> {
  const entries = extract();
  entries.end(gunzipSync(archive));
  const files: Record<string, Buffer> = {};
  for await (const entry of entries) files[entry.header.name] = await buffer(entry);
  return files;
}

describe('a packed chart', () => {
  it("holds every file below the chart's own folder, as it is", async () => {
    const files = await unpack(await packChart('charts/postgres', FILES));

    assert.deepEqual(files, {
      'postgres/Chart.yaml': FILES[1]!.content,
      'postgres/templates/a.bin': FILES[2]!.content,
      'postgres/values.yaml': FILES[0]!.content,
    });
  });

  it('is the same bytes for the same files, in whatever order they come', async () => {
    const packed = await packChart('charts/postgres', FILES);

    const again = await packChart('charts/postgres', FILES.toReversed());

    assert.ok(packed.equals(again));
  });

  it('takes a folder with a slash at its end', async () => {
    const files = await unpack(await packChart('charts/postgres/', FILES.slice(1, 2)));

    assert.deepEqual(Object.keys(files), ['postgres/Chart.yaml']);
  });
});
