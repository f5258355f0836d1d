import assert from 'node:assert/strict';

import { readScript } from '../../../../sandbox/kubelet/container-script.ts';
import { scripted } from '../../../support/stopped-cluster.ts';

const options = { jobDuration: 500, readyDelay: 200, annotate: () => ({}) };

describe('readScript', () => {
  it("lets a Job's container run for the default, and exit with 0", () => {
    const script = readScript(pod({}, 'Never'), 'main', options);

    assert.deepEqual(script, {
      plan: 'run',
      duration: 500,
      exit: { exitCode: 0, reason: 'Completed' },
      evicts: false,
      log: '',
      readyAfter: 0,
      stopAfter: 0,
    });
  });

  it("lets a workload's container run without end, ready after the default", () => {
    const script = readScript(pod({}, 'Always'), 'main', options);

    assert.ok(script.plan === 'run');
    assert.deepEqual([script.duration, script.readyAfter], [undefined, 200]);
  });

  it('reads durations in milliseconds, seconds, minutes and hours', () => {
    const durations = ['20ms', '1.5s', '2m', '1h'].map((run) => {
      const script = readScript(pod({ run }, 'Never'), 'main', options);
      return script.plan === 'run' ? script.duration : script;
    });

    assert.deepEqual(durations, [20, 1500, 120_000, 3_600_000]);
  });

  it('prefers what is said of the container', () => {
    const both = pod({ run: '1s', 'run.side': '2s', 'exit-code.side': '7' }, 'Never');

    const scripts = ['main', 'side'].map((container) => readScript(both, container, options));

    assert.deepEqual(
      scripts.map((script) => script.plan === 'run' && [script.duration, script.exit.exitCode]),
      [
        [1000, 0],
        [2000, 7],
      ],
    );
  });

  it('kills with 137 beyond the memory', () => {
    const script = readScript(pod({ fail: 'OOMKilled' }, 'Always'), 'main', options);

    assert.ok(script.plan === 'run');
    assert.deepEqual([script.duration, script.exit], [500, { exitCode: 137, reason: 'OOMKilled' }]);
  });

  it('ends a program that does not exist as the container runtime does', () => {
    const script = readScript(pod({ fail: 'StartError' }, 'Never'), 'main', options);

    assert.ok(script.plan === 'run');
    assert.deepEqual([script.duration, script.exit.exitCode, script.exit.reason], [0, 128, 'StartError']);
    assert.match(script.exit.message ?? '', /exec: "wrk": executable file not found in \$PATH$/);
  });

  it("goes by what the node's options say of a pod that says nothing itself", () => {
    const annotate = () => scripted({ run: '9s', 'exit-code': '1' });

    const script = readScript(pod({ run: '3s' }, 'Never'), 'main', { ...options, annotate });

    assert.ok(script.plan === 'run');
    assert.deepEqual([script.duration, script.exit.exitCode], [3000, 1]);
  });

  const unreadable: [annotation: Record<string, string>, message: string][] = [
    [{ run: '3' }, 'annotation sandbox.fieldtrial.dev/run of pod load is "3": a duration such as 500ms, 3s or 2m is expected'],
    [{ 'exit-code': 'one' }, 'annotation sandbox.fieldtrial.dev/exit-code of pod load is "one": a number from 0 to 255 is expected'],
    [
      { fail: 'OOM' },
      'annotation sandbox.fieldtrial.dev/fail of pod load is "OOM": one of OOMKilled, Error, StartError, CrashLoopBackOff, Evicted, ImagePullBackOff, CreateContainerConfigError, Unschedulable is expected',
    ],
  ];
  for (const [annotation, message] of unreadable) {
    it(`starts nothing by ${JSON.stringify(annotation)}, and says why`, () => {
      assert.deepEqual(readScript(pod(annotation, 'Never'), 'main', options), {
        plan: 'refuse',
        reason: 'CreateContainerConfigError',
        message,
      });
    });
  }
});

function pod(script: Record<string, string>, restartPolicy: string): any {
  return {
    metadata: { name: 'load', annotations: scripted(script) },
    spec: { restartPolicy, containers: [{ name: 'main', command: ['wrk'] }] },
  };
}
