import { readPackage } from './package-folder.ts';

/** The package's version, from its one place. */
export async function readVersion(): Promise<string> {
  return (await readPackage()).version;
}

/**
 * How we introduce ourselves to other systems, which name us so in their logs: `fieldtrial/0.1.0 (linux/x64)`, as client-go's
 * DefaultKubernetesUserAgent begins (k8s.io/client-go/rest/config.go).
 */
export function userAgent(version: string): string {
  return `fieldtrial/${version} (${process.platform}/${process.arch})`;
}

/** The image whose `fieldtrial setup` runs setup tasks, unless `--image` names another. */
export function defaultImage(version: string): string {
  return `fieldtrial:${version}`;
}
