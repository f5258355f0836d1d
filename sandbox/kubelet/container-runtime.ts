import type { StoredObject } from '../store.ts';
import type { ContainerExit } from './container-script.ts';

/** A container that is to run now. */
export type ContainerStart = {
  pod: StoredObject;
  /** The container of the pod's spec. */
  container: any;
  /** What it writes, as it writes it. */
  write(text: string): void;
  /** Called once, never before the start has returned. */
  exited(exit: ContainerExit): void;
};

export type RunningContainer = {
  /** Asks it to end, and makes it after so many milliseconds. */
  stop(grace: number): void;
};

/** Runs containers. What cannot even be tried is the message of a CreateContainerConfigError. */
export type ContainerRuntime = (start: ContainerStart) => RunningContainer | { refused: string };
