/** A time as Kubernetes writes it: whole seconds of UTC. */
export function timestamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
