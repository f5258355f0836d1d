import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The repository's root: the nearest folder upwards with `.git`, `fieldtrial.yaml` or `experiments/`; else the folder itself. */
export function findRoot(folder: string): string {
  for (let each = folder; ; each = dirname(each)) {
    if (['.git', 'fieldtrial.yaml', 'experiments'].some((name) => existsSync(join(each, name)))) return each;
    if (dirname(each) === each) return folder;
  }
}
