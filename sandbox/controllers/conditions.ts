import { timestamp } from '../timestamp.ts';

export type Condition = { type: string; status: 'True' | 'False' | 'Unknown'; reason: string; message: string };

/**
 * Puts a condition at the end of the list, in place of the former of its type; nothing changes when status and reason are the same.
 * The transition time moves only with the status (kubernetes/pkg/controller/deployment/util, SetDeploymentCondition).
 */
export function withCondition(conditions: readonly any[], condition: Condition, now: Date): any[] {
  const current = findCondition(conditions, condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return [...conditions];
  return replaceCondition(conditions, condition, now);
}

/** As {@link withCondition}, also when only time has passed. */
export function replaceCondition(conditions: readonly any[], condition: Condition, now: Date): any[] {
  const current = findCondition(conditions, condition.type);
  const lastTransitionTime = current?.status === condition.status ? current.lastTransitionTime : timestamp(now);
  return [...withoutCondition(conditions, condition.type), { ...condition, lastUpdateTime: timestamp(now), lastTransitionTime }];
}

export function withoutCondition(conditions: readonly any[], type: string): any[] {
  return conditions.filter((condition) => condition.type !== type);
}

export function findCondition(conditions: readonly any[] | undefined, type: string): any {
  return conditions?.find((condition) => condition.type === type);
}
