import type { Experiment } from '../model/experiment.ts';
import { PreflightFailed } from '../model/errors.ts';
import type { RunEvent } from '../progress/events.ts';
import type { FoundSlots } from './find-slots.ts';
import { makeNamespace } from './make-namespace.ts';
import type { NamespacePlan } from './plan-namespace.ts';

type Ready = Pick<FoundSlots, 'candidates'> & { usable: readonly string[]; plans: readonly NamespacePlan[] };

/**
 * Makes the namespaces that are missing to the slots of these experiments, and completes those that an earlier run has made. Returns the
 * slots without those that could not be made, or that another run makes because it holds their experiment. Says which held experiments lose
 * their last slot so; throws PreflightFailed with what was refused when no slot is left at all.
 */
export async function makeNamespaces<Slots extends Ready>(
  ready: Slots,
  held: readonly Pick<Experiment, 'name'>[],
  deps: Parameters<typeof makeNamespace>[1],
  signal: AbortSignal,
): Promise<Slots> {
  const isHeld = ({ experiment }: NamespacePlan) => held.some(({ name }) => name === experiment);
  const refusals: string[] = [];
  const emit = (event: RunEvent) => {
    if (event.type === 'slot-skipped') refusals.push(event.message);
    deps.emit(event);
  };
  const made = await Promise.all(
    ready.plans.map(async (plan) => ({ plan, isSlot: isHeld(plan) && (await makeNamespace(plan, { ...deps, emit }, signal)) })),
  );
  // Where another run makes it, it is a slot for us only if it is there with our rights already.
  const isDone = ({ namespace, slotRole }: NamespacePlan) => namespace === undefined && slotRole === undefined;
  const lost = made.filter(({ plan, isSlot }) => !isSlot && (isHeld(plan) || !isDone(plan))).map(({ plan }) => plan.slot);
  const without = (slots: readonly string[]) => slots.filter((slot) => !lost.includes(slot));
  const usable = without(ready.usable);
  if (usable.length === 0 && refusals.length > 0) throw new PreflightFailed(refusals.join('\n'));
  const candidates = new Map([...ready.candidates].map(([name, slots]) => [name, without(slots)]));
  const hasLostAll = (name: string) => Boolean(ready.candidates.get(name)?.length) && candidates.get(name)?.length === 0;
  for (const { name } of held)
    if (hasLostAll(name))
      deps.emit({ type: 'experiment-skipped', experiment: name, reason: 'NoSlot', message: 'no namespace is left that could be its slot' });
  return { ...ready, usable, candidates };
}
