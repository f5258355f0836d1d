import { isAbsolute } from 'node:path';
import type { Cluster, KubeObject } from '../cluster/port.ts';
import { builtInResource } from '../cluster/kinds.ts';
import type { RunHelm } from '../setup/helm-release.ts';
import { templateChart } from './render-chart.ts';

type Deps = {
  cluster: Pick<Cluster, 'apply' | 'remove'>;
  /** The real program; undefined where there is none. */
  helm: RunHelm | undefined;
  note(notice: string): void;
};

/**
 * What setup tasks take for helm: installs what `helm template` renders as plain objects, because a client that speaks protobuf cannot
 * meet the sandbox. Without a helm that could render, nothing is installed and a notice says so. Waits for nothing: readiness is the
 * trial's part.
 */
export function standInHelm({ cluster, helm, note }: Deps): RunHelm {
  const releases = new Map<string, KubeObject[]>();
  return async ([verb, ...args], signal) => {
    if (verb === 'list') return listed(args, releases);
    const [release = '', namespace = ''] = [verb === 'uninstall' ? args[0] : args[1], valueOf('--namespace', args)];
    const key = `${namespace}/${release}`;
    if (verb === 'uninstall') {
      for (const { apiVersion, kind, metadata } of (releases.get(key) ?? []).toReversed())
        await cluster.remove({ apiVersion, kind, name: metadata.name, namespace }, { propagation: 'Background' }, signal);
      releases.delete(key);
      return '';
    }
    const [, , chart = ''] = args;
    if (!isAbsolute(chart) || args.includes('--repo')) {
      note(`chart ${chart} is not in the repository, so release ${release} is left out: what it would create is not there`);
      releases.set(key, []);
      return '';
    }
    if (helm === undefined) {
      note(`helm is not installed, so release ${release} is left out: what its chart would create is not there`);
      releases.set(key, []);
      return '';
    }
    const rendered = await templateChart(['template', ...args.slice(1, 3), ...forTemplate(args.slice(3))], helm, signal);
    if ('refused' in rendered) throw Object.assign(new Error('helm template failed'), { stderr: rendered.refused });
    const objects = rendered.objects.filter(({ apiVersion, kind }) => builtInResource({ apiVersion, kind })?.namespaced !== false);
    for (const object of objects) await cluster.apply(marked(object, release, namespace), signal);
    releases.set(key, objects);
    return '';
  };
}

/** As helm marks what it creates, which is how a release's workloads and claims are found. */
function marked({ metadata, ...object }: KubeObject, release: string, namespace: string): KubeObject {
  const labels = { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' };
  const annotations = { ...metadata.annotations, 'meta.helm.sh/release-name': release, 'meta.helm.sh/release-namespace': namespace };
  return { ...object, metadata: { ...metadata, namespace, labels, annotations } };
}

function listed(args: readonly string[], releases: ReadonlyMap<string, unknown>): string {
  const filter = new RegExp(valueOf('--filter', args) ?? '');
  const names = [...releases.keys()].map((key) => key.split('/')[1]!).filter((name) => filter.test(name));
  return JSON.stringify(names.map((name) => ({ name, status: 'deployed' })));
}

function valueOf(flag: string, args: readonly string[]): string | undefined {
  const index = args.indexOf(flag);
  return index === -1 ? undefined : args[index + 1];
}

/** The flags of an installation that mean nothing to `helm template`. */
const FOR_INSTALLATION: Record<string, number> = { '--wait': 1, '--timeout': 2, '--labels': 2 };

function forTemplate(args: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < args.length; index += FOR_INSTALLATION[args[index]!] ?? 1) {
    if (FOR_INSTALLATION[args[index]!] === undefined) kept.push(args[index]!);
  }
  return kept;
}
