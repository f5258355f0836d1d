/** Exit codes are API: a Job's podFailurePolicy and CI pipelines match them. Documented in docs/errors.md. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  invalid: 3,
  preflight: 4,
  stopped: 5,
  held: 6,
  unpushed: 7,
  givenUp: 8,
} as const;

export type ExitFacts = {
  /** Records that did not reach git. */
  unpushed: boolean;
  /** Something that should not happen. */
  bug: boolean;
  /** The infrastructure kept a slot from finishing what was begun there, and no other run goes on with it. */
  givenUp: boolean;
  /** Some definition is invalid. */
  invalid: boolean;
  /** An experiment stopped on its failure policy or its baseline in this run. */
  stopped: boolean;
  /** Somebody else holds what we need, and `--if-held=fail`. */
  held: boolean;
};

/** Where several apply, what is worst for the user comes first: 7, 1, 8, 3, 5, 6. */
export function exitCode({ unpushed, bug, givenUp, invalid, stopped, held }: ExitFacts): number {
  if (unpushed) return EXIT.unpushed;
  if (bug) return EXIT.unexpected;
  if (givenUp) return EXIT.givenUp;
  if (invalid) return EXIT.invalid;
  if (stopped) return EXIT.stopped;
  return held ? EXIT.held : EXIT.done;
}
