import assert from 'node:assert/strict';

import { EXCHANGES } from './exchanges.ts';
import { answerToPatch, NUMBER_OF_PATCHES, patchOf } from './random-patches.ts';
import type { RawApi } from './raw-api.ts';
import { answersTo, freshNamespace, recordedAnswers } from './record-answers.ts';

/**
 * Holds a server's answers against those that were recorded from Kubernetes; `differences` says for which steps they are known to
 * differ, so that one that does not any more is found as well.
 */
export function describeAnswers(name: string, connect: () => Promise<RawApi>, differences: Readonly<Record<string, string>> = {}): void {
  describe(`the answers of ${name}`, () => {
    const recorded = recordedAnswers();
    let api: RawApi;
    let namespace: string;

    before(async () => {
      api = await connect();
      namespace = await freshNamespace(api);
    });

    after(async () => {
      await api.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      await api.close();
    });

    for (const exchange of EXCHANGES) {
      it(`are as recorded for ${exchange.name}`, async () => {
        const answers = await answersTo(api, exchange.name, namespace);

        for (const [index, answer] of answers.entries()) {
          const step = `${exchange.name} ${index + 1}`;
          const expected = recorded.exchanges[exchange.name]![index];
          const { method, path } = exchange.steps[index]!;
          if (step in differences) assert.notDeepEqual(answer, expected, `${step} no longer differs: ${differences[step]}`);
          else assert.deepEqual(answer, expected, `${step}: ${method} ${path}`);
        }
      });
    }

    it(`are as recorded for ${NUMBER_OF_PATCHES} random strategic merge patches of random objects`, async function () {
      this.timeout(60_000);
      const failures: string[] = [];

      for (let seed = 0; seed < NUMBER_OF_PATCHES; seed += 1) {
        const answer = await answerToPatch(api, namespace, seed);
        if (answer !== recorded.patches[seed])
          failures.push(`seed ${seed}: ${answer}, not ${recorded.patches[seed]}: ${JSON.stringify(patchOf(seed))}`);
      }

      assert.deepEqual(failures, []);
    });
  });
}
