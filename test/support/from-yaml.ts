import { load } from 'js-yaml';
import type { KubeObject } from '../../runner/cluster/port.ts';

/** An object of a test, written as people know it. */
export function fromYaml(text: string): KubeObject {
  return load(text) as KubeObject;
}
