import assert from 'node:assert/strict';

import { fromList, NOTHING_KNOWN, withEvents, type KnownObjects } from '../../../runner/cluster/known-objects.ts';
import type { KubeObject, WatchEvent } from '../../../runner/cluster/port.ts';

const QUERY = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop' };

describe('withEvents', () => {
  it('adds, replaces and deletes', () => {
    const known = after(['ADDED', 'a', '1'], ['ADDED', 'b', '2'], ['MODIFIED', 'a', '3'], ['DELETED', 'b', '4']);

    assert.deepEqual(versions(known), { a: '3' });
    assert.equal(known.resourceVersion, '4');
  });

  it('keeps the map when nothing changed', () => {
    const known = after(['ADDED', 'a', '5']);

    const bookmarked = withEvents(known, [{ type: 'BOOKMARK', resourceVersion: '9' }], QUERY);

    assert.equal(bookmarked.objects, known.objects);
    assert.equal(bookmarked.resourceVersion, '9');
  });

  it('never changes a map that was given out', () => {
    const known = after(['ADDED', 'a', '5']);

    withEvents(known, events(['DELETED', 'a', '6']), QUERY);

    assert.deepEqual(versions(known), { a: '5' });
  });

  it('ignores changes that are older than what it knows', () => {
    const known = after(['ADDED', 'a', '10']);

    const replayed = withEvents(known, events(['ADDED', 'a', '8'], ['DELETED', 'a', '9'], ['MODIFIED', 'a', '10']), QUERY);

    assert.equal(replayed.objects, known.objects);
  });

  it('compares versions as numbers of any length', () => {
    const known = after(['ADDED', 'a', '9'], ['ADDED', 'b', '10'], ['MODIFIED', 'a', '90071992547409931']);

    assert.equal(known.resourceVersion, '90071992547409931');
  });

  it('takes versions that are no numbers as they come', () => {
    const known = after(['ADDED', 'a', 'z'], ['MODIFIED', 'a', 'y']);

    assert.deepEqual(versions(known), { a: 'y' });
    assert.equal(known.resourceVersion, 'y');
  });
});

describe('fromList', () => {
  it('keeps the known map when the list says nothing new', () => {
    const known = after(['ADDED', 'a', '5']);

    const listed = fromList({ items: [pod('a', '5')], resourceVersion: '20' }, known, QUERY);

    assert.equal(listed.objects, known.objects);
    assert.equal(listed.resourceVersion, '20');
  });

  it('drops what is no longer there', () => {
    const known = after(['ADDED', 'a', '5'], ['ADDED', 'b', '6']);

    const listed = fromList({ items: [pod('b', '6')], resourceVersion: '20' }, known, QUERY);

    assert.deepEqual(versions(listed), { b: '6' });
  });
});

type Change = [type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, resourceVersion: string];

function after(...changes: Change[]): KnownObjects {
  return withEvents(NOTHING_KNOWN, events(...changes), QUERY);
}

function events(...changes: Change[]): WatchEvent[] {
  return changes.map(([type, name, resourceVersion]) => ({ type, object: pod(name, resourceVersion) }));
}

function pod(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', resourceVersion } };
}

function versions({ objects }: KnownObjects): Record<string, string | undefined> {
  return Object.fromEntries([...objects].map(([name, { metadata }]) => [name, metadata.resourceVersion]));
}
