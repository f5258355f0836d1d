import type { JsonObject } from '../model/experiment.ts';
import type { RenderedTrial } from '../model/trial.ts';
import type { SetupOrder } from './setup-jobs.ts';

export type NamedOrder = SetupOrder & { task: string };

/** What the built-in setup tasks of a trial are told to do. */
export function setupOrders({ setup }: Pick<RenderedTrial, 'setup'>): NamedOrder[] {
  return (setup?.configMaps ?? []).flatMap((configMap) => ordersOf(configMap));
}

function ordersOf({ data }: JsonObject): NamedOrder[] {
  return Object.entries((data ?? {}) as Record<string, string>).flatMap(([key, text]) =>
    key.endsWith('.json') ? [{ ...(JSON.parse(text) as SetupOrder), task: key.slice(0, -'.json'.length) }] : [],
  );
}
