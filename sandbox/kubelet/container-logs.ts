import type { PodIdentity, PodLogs } from '../pod-logs.ts';

/** What the containers of all pods wrote, of their last two starts. */
export type ContainerLogs = PodLogs & {
  read(pod: PodIdentity, container: string, options?: { previous?: boolean }): string | undefined;
  /** A start: what was written before becomes the previous log. */
  begin(pod: PodIdentity, container: string): void;
  append(pod: PodIdentity, container: string, text: string): void;
  /** The pod is gone. */
  forget(pod: PodIdentity): void;
};

/** The oldest lines go beyond this many characters per container, as a kubelet rotates its files. */
const LONGEST_LOG = 1_000_000;

export function containerLogs(): ContainerLogs {
  const logs = new Map<string, Map<string, { text: string; previous?: string }>>();
  const of = ({ uid }: PodIdentity) => {
    const known = logs.get(uid) ?? new Map();
    logs.set(uid, known);
    return known;
  };
  return {
    read(pod, container, { previous = false } = {}) {
      const log = logs.get(pod.uid)?.get(container);
      return previous ? log?.previous : log?.text;
    },
    begin(pod, container) {
      const before = of(pod).get(container);
      of(pod).set(container, { text: '', ...(before !== undefined && { previous: before.text }) });
    },
    append(pod, container, added) {
      const log = logs.get(pod.uid)?.get(container);
      if (log !== undefined) log.text = newest(log.text + added);
    },
    forget({ uid }) {
      logs.delete(uid);
    },
  };
}

function newest(text: string): string {
  if (text.length <= LONGEST_LOG) return text;
  const cut = text.slice(-LONGEST_LOG);
  return cut.slice(cut.indexOf('\n') + 1);
}
