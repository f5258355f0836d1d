import type { NamedOrder } from '../lifecycle/setup-orders.ts';
import { toYaml } from './to-yaml.ts';

/** What the built-in setup tasks apply, one YAML document for each object, and how they install charts, whose files are left out. */
export function setupTexts(orders: readonly NamedOrder[]): string[] {
  return orders.flatMap(({ task, ...order }) => {
    if (order.type === 'manifests') return order.objects.map((object) => `# setup task ${task}\n${toYaml(object)}`);
    const { release, chart, values } = order;
    return [`# setup task ${task}\n${toYaml({ release, chart, values })}`];
  });
}
