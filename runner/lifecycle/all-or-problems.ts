import { InvalidInput } from '../model/errors.ts';

/** What all of them give, in order; throws one InvalidInput with the problems of every one that failed, so that none hides another. */
export async function allOrProblems<Values extends readonly unknown[] | []>(work: {
  [Index in keyof Values]: Promise<Values[Index]>;
}): Promise<Values> {
  const settled = await Promise.allSettled(work as readonly Promise<unknown>[]);
  // One that failed fails whatever is built upon it as well.
  const errors = new Set(settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])));
  const problems = [...errors].flatMap((error) => {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  });
  if (problems.length > 0) throw new InvalidInput(problems);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value : undefined)) as unknown as Values;
}
