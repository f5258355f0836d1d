import type { StoredObject } from '../store.ts';
import type { Column } from './column.ts';

/** k8s.io/kubernetes/pkg/printers/internalversion/printers.go, printPod. */
export function podColumns(age: Column): readonly Column[] {
  return [
    { name: 'Ready', cell: ({ spec, status }) => `${statusesOf(status).filter(({ ready }) => ready).length}/${spec.containers.length}` },
    { name: 'Status', cell: podStatus },
    { name: 'Restarts', cell: ({ status }) => String(restarts(status)) },
    age,
    { name: 'IP', wide: true, cell: ({ status }) => status?.podIP ?? '<none>' },
    { name: 'Node', wide: true, cell: ({ spec }) => spec.nodeName ?? '<none>' },
    { name: 'Nominated Node', wide: true, cell: ({ status }) => status?.nominatedNodeName ?? '<none>' },
    { name: 'Readiness Gates', wide: true, cell: () => '<none>' },
  ];
}

function podStatus({ metadata, status = {} }: StoredObject): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  const initial = initStatus(status);
  if (initial !== undefined) return initial;
  const reason = statusesOf(status)
    .map(containerReason)
    .find((each) => each !== undefined);
  const isServing = statusesOf(status).some(({ ready, state }) => ready && state?.running !== undefined);
  if (reason === 'Completed' && isServing) return 'Running';
  return reason ?? status.reason ?? status.phase ?? 'Unknown';
}

/** What the first init container that has not succeeded is about; undefined when there is none. */
function initStatus(status: any): string | undefined {
  const statuses: any[] = status.initContainerStatuses ?? [];
  const index = statuses.findIndex(({ state }) => state?.terminated?.exitCode !== 0);
  if (index === -1) return undefined;
  const { waiting, terminated } = statuses[index].state ?? {};
  if (terminated !== undefined) return `Init:${terminated.reason ?? `ExitCode:${terminated.exitCode}`}`;
  if (waiting?.reason !== undefined && waiting.reason !== 'PodInitializing') return `Init:${waiting.reason}`;
  return `Init:${index}/${statuses.length}`;
}

function containerReason({ state }: any): string | undefined {
  if (state?.waiting?.reason !== undefined) return state.waiting.reason;
  if (state?.terminated === undefined) return undefined;
  return state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
}

function restarts(status: any): number {
  return statusesOf(status).reduce((sum, { restartCount = 0 }) => sum + restartCount, 0);
}

function statusesOf(status: any): any[] {
  return status?.containerStatuses ?? [];
}
