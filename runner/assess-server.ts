/** Pods of Jobs carry `batch.kubernetes.io/job-name` since then (k8s.io/api/batch/v1, JobNameLabel), and the runner finds them by it. */
const OLDEST = { major: 1, minor: 27 };

/** What is wrong with a cluster of this `gitVersion`, in one sentence; undefined when it will do, or says something unknown. */
export function versionProblem(version: string): string | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return undefined;
  const isOlder = Number(major) < OLDEST.major || (Number(major) === OLDEST.major && Number(minor) < OLDEST.minor);
  if (!isOlder) return undefined;
  const oldest = `${OLDEST.major}.${OLDEST.minor}`;
  return `the cluster is Kubernetes ${version}; fieldtrial needs ${oldest} or later, since it finds the pods of Jobs by a label that came with it`;
}

/** Seconds that the two clocks may be apart before trials notice. */
const TOLERANCE = 3;

/**
 * How far the cluster's clock is ahead of ours, in seconds. Its answer is cut to whole seconds and was given somewhere between the
 * question and our hearing it, so only what is certain counts: 0 where the two may be the same.
 */
export function clockDifference(asked: Date, server: Date, heard: Date): number {
  const [earliest, latest] = [server.getTime(), server.getTime() + 999];
  if (earliest > heard.getTime()) return (earliest - heard.getTime()) / 1000;
  if (latest < asked.getTime()) return (latest - asked.getTime()) / 1000;
  return 0;
}

/** What clocks that far apart mean, in one sentence; undefined when trials do not notice. */
export function clockProblem(seconds: number): string | undefined {
  if (Math.abs(seconds) <= TOLERANCE) return undefined;
  const side = seconds > 0 ? 'ahead of' : 'behind';
  return (
    `the cluster's clock is ${Math.abs(seconds).toFixed(1)} s ${side} the runner's; startTimeOffset and final scrapes compare the two, ` +
    'so metrics may be read too early or over the wrong window; synchronize them (NTP)'
  );
}
