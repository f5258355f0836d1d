import assert from 'node:assert/strict';

import { containerLogs } from '../../../../sandbox/kubelet/container-logs.ts';

const pod = { namespace: 'shop', name: 'load', uid: '1' };

describe('containerLogs', () => {
  it('knows nothing of a container that has not started', () => {
    assert.equal(containerLogs().read(pod, 'main'), undefined);
  });

  it('keeps what each container wrote, in order', () => {
    const logs = containerLogs();
    logs.begin(pod, 'main');
    logs.begin(pod, 'side');

    logs.append(pod, 'main', 'one\n');
    logs.append(pod, 'side', 'aside\n');
    logs.append(pod, 'main', 'two\n');

    assert.equal(logs.read(pod, 'main'), 'one\ntwo\n');
  });

  it('keeps the log of the start before', () => {
    const logs = containerLogs();
    logs.begin(pod, 'main');
    logs.append(pod, 'main', 'first\n');

    logs.begin(pod, 'main');

    assert.equal(logs.read(pod, 'main'), '');
    assert.equal(logs.read(pod, 'main', { previous: true }), 'first\n');
  });

  it('lets the oldest lines go from a log that grows too long', () => {
    const logs = containerLogs();
    logs.begin(pod, 'main');

    for (let line = 0; line < 1100; line += 1) logs.append(pod, 'main', `${line} ${'x'.repeat(995)}\n`);

    const text = logs.read(pod, 'main')!;
    assert.ok(text.length <= 1_000_000);
    assert.match(text, /^\d+ x/);
    assert.match(text, /\n1099 x+\n$/);
  });

  it('forgets pods that are gone', () => {
    const logs = containerLogs();
    logs.begin(pod, 'main');

    logs.forget(pod);

    assert.equal(logs.read(pod, 'main'), undefined);
  });
});
