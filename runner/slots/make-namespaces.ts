import type { Experiment } from '../model/experiment.ts';
import type { FoundSlots } from './find-slots.ts';
import { makeNamespace } from './make-namespace.ts';
import type { NamespacePlan } from './plan-namespace.ts';

type Ready = Pick<FoundSlots, 'candidates'> & { usable: readonly string[]; plans: readonly NamespacePlan[] };

/**
 * Makes the namespaces that are missing to the slots of these experiments, and completes those that an earlier run has made. Returns the
 * slots without those that could not be made, or that another run makes because it holds their experiment.
 */
export async function makeNamespaces<Slots extends Ready>(
  ready: Slots,
  held: readonly Pick<Experiment, 'name'>[],
  deps: Parameters<typeof makeNamespace>[1],
  signal: AbortSignal,
): Promise<Slots> {
  const isHeld = ({ experiment }: NamespacePlan) => held.some(({ name }) => name === experiment);
  const made = await Promise.all(
    ready.plans.map(async (plan) => ({ plan, isSlot: isHeld(plan) && (await makeNamespace(plan, deps, signal)) })),
  );
  // Where another run makes it, it is a slot for us only if it is there with our rights already.
  const isDone = ({ namespace, slotRole }: NamespacePlan) => namespace === undefined && slotRole === undefined;
  const lost = made.filter(({ plan, isSlot }) => !isSlot && (isHeld(plan) || !isDone(plan))).map(({ plan }) => plan.slot);
  const without = (slots: readonly string[]) => slots.filter((slot) => !lost.includes(slot));
  return {
    ...ready,
    usable: without(ready.usable),
    candidates: new Map([...ready.candidates].map(([name, slots]) => [name, without(slots)])),
  };
}
