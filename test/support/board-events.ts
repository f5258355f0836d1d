import type { RunEvent } from '../../runner/progress/events.ts';
import { EMPTY_BOARD, nextBoard, type BoardState } from '../../runner/progress/board/board-state.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** Milliseconds; events of these tests are told so many after it. */
export const BEGIN = Date.parse('2026-01-01T10:00:00Z');

/** The board after events, each at so many seconds after the beginning. */
export function boardAfter(...events: readonly [seconds: number, event: RunEvent][]): BoardState {
  return events.reduce((state, [seconds, event]) => nextBoard(state, event, BEGIN + seconds * 1000), EMPTY_BOARD);
}

export function runStarted(fields: Partial<EventOf<'run-started'>> = {}): RunEvent {
  const run = { run: 'r1', version: '0.1.0', repository: 'shop.git', commit: '62cdb7020ff9', experiments: ['sizing'], slots: ['shop-1'] };
  return { type: 'run-started', ...run, ...fields };
}

export function slotsTaken(...slots: string[]): RunEvent {
  return { type: 'slots-taken', slots };
}

/** `sizing`, which minimizes `p95`, with nothing done and 4 trials left, 2 at once. */
export function experimentStarted(fields: Partial<EventOf<'experiment-started'>> = {}): RunEvent {
  return {
    type: 'experiment-started',
    experiment: 'sizing',
    trials: 0,
    failed: 0,
    left: 4,
    parallel: 2,
    metrics: [{ name: 'p95', minimize: true, optimize: true }],
    baseline: {},
    best: [],
    ...fields,
  };
}

/** `sizing-001` in `shop-1`, unless said otherwise; `sizing-002` for 2. */
export function trialStarted(number = 1, slot = 'shop-1', fields: Partial<EventOf<'trial-started'>> = {}): RunEvent {
  return {
    type: 'trial-started',
    experiment: 'sizing',
    trial: trialOf(number),
    slot,
    source: 'grid',
    assignments: { cpu: 1 },
    recovered: false,
    ...fields,
  };
}

export function stageStarted(stage: EventOf<'stage-started'>['stage'], number = 1, slot = 'shop-1'): RunEvent {
  return { type: 'stage-started', trial: trialOf(number), slot, stage };
}

export function stageFinished(stage: EventOf<'stage-finished'>['stage'], seconds: number, number = 1, slot = 'shop-1'): RunEvent {
  return { type: 'stage-finished', trial: trialOf(number), slot, stage, seconds };
}

export function waiting(message: string, number = 1, slot = 'shop-1', stage: EventOf<'waiting'>['stage'] = 'run'): RunEvent {
  return { type: 'waiting', trial: trialOf(number), slot, stage, message };
}

/** Completed after 60 s. */
export function trialFinished(number = 1, slot = 'shop-1', fields: Partial<EventOf<'trial-finished'>> = {}): RunEvent {
  return {
    type: 'trial-finished',
    experiment: 'sizing',
    trial: trialOf(number),
    slot,
    phase: 'Completed',
    values: {},
    seconds: 60,
    ...fields,
  };
}

export const FAILED: Partial<EventOf<'trial-finished'>> = {
  phase: 'Failed',
  stage: 'run',
  reason: 'OOMKilled',
  message: 'container load ran out of memory',
  infrastructure: false,
};

function trialOf(number: number): string {
  return `sizing-${String(number).padStart(3, '0')}`;
}
