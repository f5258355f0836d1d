/** The same for a suggestion file that says the same under the same name. */
export function suggestionId({ path, blob }: { path: string; blob: string }): string {
  return `${blob} ${path}`;
}
