/** One key of a ConfigMap that the runner writes: text, or bytes as they are. */
export type SetupFile = { key: string; text: string } | { key: string; binary: Buffer };

/** etcd refuses larger objects; a ConfigMap holds at most 1 MiB. */
export const MAX_CONFIG_MAP_BYTES = 1_000_000;

/** `data` and `binaryData` of a ConfigMap with these keys. */
export function configMapData(files: readonly SetupFile[]): { data: Record<string, string>; binaryData: Record<string, string> } {
  return {
    data: Object.fromEntries(files.flatMap((file) => ('text' in file ? [[file.key, file.text]] : []))),
    binaryData: Object.fromEntries(files.flatMap((file) => ('binary' in file ? [[file.key, file.binary.toString('base64')]] : []))),
  };
}

/** What they take in the request: bytes travel as base64. */
export function configMapBytes(files: readonly SetupFile[]): number {
  return files.reduce((sum, file) => sum + ('text' in file ? Buffer.byteLength(file.text) : Math.ceil(file.binary.length / 3) * 4), 0);
}
