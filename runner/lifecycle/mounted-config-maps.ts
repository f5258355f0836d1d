import type { JsonObject } from '../model/experiment.ts';

/** The ConfigMaps without which a Job's pods cannot start, each once. */
export function mountedConfigMaps(job: JsonObject): string[] {
  const volumes: any[] = (job as any).spec?.template?.spec?.volumes ?? [];
  const names = volumes.flatMap(({ configMap }) =>
    configMap?.name === undefined || configMap.optional === true ? [] : [String(configMap.name)],
  );
  return [...new Set(names)];
}
