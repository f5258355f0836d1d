/** What a container does, in a way that a real kubelet and the simulated one both understand: the one runs it, the other is told. */
export type Behavior = {
  /** Absent: it runs until it is stopped. */
  seconds?: number;
  exitCode?: number;
  log?: string;
  restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  neverReady?: boolean;
  labels?: Record<string, string>;
};

const PREFIX = 'sandbox.fieldtrial.dev/';

/** A pod template with one container `main`. */
export function podThat({ seconds, exitCode = 0, log, restartPolicy = 'Never', neverReady, labels }: Behavior) {
  const lines = [
    ...(log === undefined ? [] : [`echo "${log}"`]),
    // A shell that is told to end does so, where `sleep` as the first process would not hear of it.
    "trap 'exit 143' TERM",
    `sleep ${seconds ?? 1000} & wait $!`,
    `exit ${exitCode}`,
  ];
  return {
    metadata: {
      ...(labels && { labels }),
      annotations: {
        ...(seconds !== undefined && { [`${PREFIX}run`]: `${seconds}s`, [`${PREFIX}exit-code`]: String(exitCode) }),
        ...(seconds === undefined && { [`${PREFIX}run`]: '1000s' }),
        ...(log !== undefined && { [`${PREFIX}log`]: log }),
        [`${PREFIX}ready-after`]: neverReady ? '1000s' : '0s',
        // A real kubelet takes about a second, whatever the container does.
        [`${PREFIX}stop-after`]: '900ms',
      },
    },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          imagePullPolicy: 'Never',
          command: ['sh', '-c', lines.join('; ')],
          ...(neverReady && { readinessProbe: { exec: { command: ['false'] } } }),
        },
      ],
    },
  };
}

/** A pod template whose container fails in a way of its own; `annotation` is the simulated kubelet's word for it. */
export function podThatFails(annotation: string, container: object, restartPolicy = 'Never') {
  return {
    metadata: { annotations: { [`${PREFIX}fail`]: annotation, [`${PREFIX}run`]: '1s' } },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'busybox', imagePullPolicy: 'Never', ...container }],
    },
  };
}
