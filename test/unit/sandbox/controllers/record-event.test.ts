import assert from 'node:assert/strict';

import { recordEvent, type Occurrence } from '../../../../sandbox/controllers/record-event.ts';
import { createStore } from '../../../../sandbox/create-store.ts';
import { turnedClock } from '../../../../sandbox/turned-clock.ts';

const crash: Occurrence = { type: 'Warning', reason: 'BackOff', message: 'it crashed', component: 'kubelet', host: 'sandbox' };

describe('recordEvent', () => {
  it('names the object it is about', () => {
    const { store, config } = aStore();

    recordEvent(store, config, crash);

    const [event] = store.list(store.kind('v1', 'Event'));
    const { name, uid, resourceVersion } = config.metadata;
    assert.deepEqual(event?.['involvedObject'], { apiVersion: 'v1', kind: 'ConfigMap', name, namespace: 'default', uid, resourceVersion });
    assert.deepEqual(event?.['source'], { component: 'kubelet', host: 'sandbox' });
    assert.match(event?.metadata.name ?? '', /^it\.[0-9a-f]{16}$/);
  });

  it('counts what happens again', async () => {
    const { store, clock, config } = aStore();

    recordEvent(store, config, crash);
    await clock.advance(60_000);
    recordEvent(store, config, crash);
    recordEvent(store, config, { ...crash, message: 'something else' });

    const events = store.list(store.kind('v1', 'Event'));
    const counted = events.find(({ message }) => message === 'it crashed');
    assert.equal(events.length, 2);
    assert.deepEqual(
      [counted?.['count'], counted?.['firstTimestamp'], counted?.['lastTimestamp']],
      [2, '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    );
  });
});

function aStore() {
  const clock = turnedClock();
  const store = createStore({ clock });
  const config = store.create(store.kind('v1', 'ConfigMap'), 'default', { metadata: { name: 'it' } });
  return { clock, store, config };
}
