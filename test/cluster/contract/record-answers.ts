import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { EXCHANGES } from './exchanges.ts';
import { normalizeAnswer } from './normalize-answer.ts';
import { answerToPatch, NUMBER_OF_PATCHES } from './random-patches.ts';
import { rawApiOf, type RawApi } from './raw-api.ts';

/** What a real API server answered: to each step of each exchange, and to each random patch. */
export type RecordedAnswers = { exchanges: Record<string, unknown[]>; patches: string[] };

const PATH = fileURLToPath(new URL('../../fixtures/sandbox/answers.json', import.meta.url));

/** The recording that is committed. */
export function recordedAnswers(): RecordedAnswers {
  return JSON.parse(readFileSync(PATH, 'utf8'));
}

/** A namespace for one run, once the server is ready for pods in it; gives its name. */
export async function freshNamespace(api: RawApi): Promise<string> {
  const { body } = await api.send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { generateName: 'answers-' } } });
  // A real server's controllers need a moment for what pods need.
  for (let tries = 0; tries < 20; tries += 1) {
    const { code } = await api.send({ method: 'GET', path: `/api/v1/namespaces/${body.metadata.name}/serviceaccounts/default` });
    if (code === 200) break;
    await sleep(50);
  }
  return body.metadata.name;
}

/** Sends the steps of an exchange and gives the normalized answers. A kind that was just defined may take a moment. */
export async function answersTo(api: RawApi, name: string, namespace: string): Promise<unknown[]> {
  const { steps } = EXCHANGES.find((exchange) => exchange.name === name)!;
  const answers: unknown[] = [];
  for (const step of steps) {
    const request = { ...step, path: step.path.replace('{namespace}', namespace) };
    let answer = await api.send(request);
    for (let tries = 0; tries < 100 && answer.body === '404 page not found\n' && step.path.includes('/fieldtrial.test/'); tries += 1) {
      await sleep(50);
      answer = await api.send(request);
    }
    answers.push(normalizeAnswer(answer, namespace));
  }
  return answers;
}

async function record(kubeconfig: string): Promise<void> {
  const api = await rawApiOf(kubeconfig);
  const namespace = await freshNamespace(api);
  const exchanges: RecordedAnswers['exchanges'] = {};
  for (const { name } of EXCHANGES) exchanges[name] = await answersTo(api, name, namespace);
  const patches: string[] = [];
  for (let seed = 0; seed < NUMBER_OF_PATCHES; seed += 1) patches.push(await answerToPatch(api, namespace, seed));
  await api.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
  await api.close();
  writeFileSync(PATH, format({ exchanges, patches }));
}

/** One step a line, so that a difference shows where it is. */
function format({ exchanges, patches }: RecordedAnswers): string {
  const parts = Object.entries(exchanges).map(
    ([name, answers]) => `${JSON.stringify(name)}: [\n${answers.map((answer) => JSON.stringify(answer)).join(',\n')}\n]`,
  );
  return `{"exchanges": {\n${parts.join(',\n')}\n},\n"patches": ${JSON.stringify(patches)}\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await record(process.argv[2]!);
