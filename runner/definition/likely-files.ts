/**
 * Whether a file of a repository is read by nearly every load: settings, experiments, suggestions and shared templates. Only for fetching
 * ahead, since what else is read follows from what these say.
 */
export function isLikelyRead(path: string): boolean {
  return /^(fieldtrial\.yaml|experiments\/[^/]+\/((experiment|companions)\.yaml|suggestions\/.+\.ya?ml)|templates\/[^/]+\.yaml)$/.test(
    path,
  );
}
