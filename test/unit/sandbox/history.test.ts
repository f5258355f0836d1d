import assert from 'node:assert/strict';

import { createHistory } from '../../../sandbox/history.ts';
import { SERVED_KINDS } from '../../../sandbox/served-kinds.ts';
import type { StoreEvent } from '../../../sandbox/store.ts';

function change(revision: number): StoreEvent {
  const metadata = { name: 'x', uid: '', resourceVersion: String(revision), creationTimestamp: '' };
  return { type: 'MODIFIED', kind: SERVED_KINDS[0]!, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata } };
}

function revisions(events: readonly StoreEvent[] | undefined): string[] | undefined {
  return events?.map(({ object }) => object.metadata.resourceVersion);
}

describe('createHistory', () => {
  it('gives what came after a revision, oldest first', () => {
    const history = createHistory(10);
    for (const revision of [1, 2, 3]) history.append(change(revision));

    assert.deepEqual(revisions(history.since('1')), ['2', '3']);
    assert.deepEqual(revisions(history.since('3')), []);
  });

  it('says when it no longer knows', () => {
    const history = createHistory(2);
    for (const revision of [1, 2, 3, 4, 5]) history.append(change(revision));

    assert.equal(history.since('2'), undefined);
    assert.deepEqual(revisions(history.since('3')), ['4', '5']);
  });

  it('can be told to forget', () => {
    const history = createHistory(10);
    for (const revision of [1, 2]) history.append(change(revision));

    history.forget();

    assert.equal(history.since('1'), undefined);
    assert.deepEqual(revisions(history.since('2')), []);
  });

  it('tells every listener everything in order, also what a listener itself sets in motion', () => {
    const history = createHistory(10);
    const heard: string[] = [];
    history.subscribe(({ object }) => {
      if (object.metadata.resourceVersion === '1') history.append(change(2));
    });
    history.subscribe(({ object }) => heard.push(object.metadata.resourceVersion));

    history.append(change(1));

    assert.deepEqual(heard, ['1', '2']);
  });
});
