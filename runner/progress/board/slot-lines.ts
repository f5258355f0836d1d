import type { BoardState, SlotState } from './board-state.ts';
import { elapsed } from './elapsed.ts';
import { fitEnd, fitStart, oneLine, widthOf } from './fit-text.ts';
import type { Paint } from './paint.ts';

type View = { now: number; columns: number; paint: Paint };
type Widths = { slot: number; trial: number; message: number };

/** The longest names: `create-trial`, `setup-create`, `setup-delete`. */
const STAGE = 12;
/** `59m59s`, `23h59m`. */
const SINCE = 6;
const GAP = 2;
/** A trial's name is cut to this, which leaves its number, before what it waits for gets less than that. */
const SHORTEST_TRIAL = 8;
const SHORTEST_SLOT = 6;
const SHORTEST_MESSAGE = 24;

/**
 * One line per slot: its name, the trial, the stage, for how long, what it waits for. At most `most` lines: where there are more slots,
 * those with trials are shown, in the order of all, and the last line counts the others.
 */
export function slotLines({ slots, experiments }: BoardState, most: number, view: View): string[] {
  const shown = slots.length <= most ? slots : choose(slots, most - 1);
  const hidden = slots.filter((slot) => !shown.includes(slot));
  // From all names that may come, so that no column moves while the run lasts.
  const trials = [
    ...experiments.map(({ name }) => `${name}-000`),
    ...slots.flatMap((slot) => (slot.status === 'Trial' ? [slot.trial] : [])),
  ];
  const widths = widthsFor(widest(slots.map(({ slot }) => slot)), widest(trials), view.columns);
  const lines = shown.map((slot) => slotLine(slot, widths, view));
  return hidden.length === 0 ? lines : [...lines, moreLine(hidden, view)];
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(widthOf));
}

/** The trials first, then what is free, then what is done; a slot that stays as it is keeps its place. */
function choose(slots: readonly SlotState[], count: number): SlotState[] {
  const chosen = new Set(slots.toSorted((left, right) => RANK[left.status] - RANK[right.status]).slice(0, Math.max(0, count)));
  return slots.filter((slot) => chosen.has(slot));
}

const RANK: Record<SlotState['status'], number> = { Trial: 0, Idle: 1, Quarantined: 2, Done: 3 };

function widthsFor(slot: number, trial: number, columns: number): Widths {
  const rest = columns - STAGE - SINCE - 3 * GAP;
  const roomForMessage = rest - slot - trial - GAP;
  if (roomForMessage >= SHORTEST_MESSAGE) return { slot, trial, message: roomForMessage };
  const shorterTrial = Math.min(trial, Math.max(SHORTEST_TRIAL, rest - slot - GAP - SHORTEST_MESSAGE));
  const roomBesideIt = rest - slot - shorterTrial - GAP;
  if (roomBesideIt >= SHORTEST_MESSAGE) return { slot, trial: shorterTrial, message: roomBesideIt };
  // Too narrow for what it waits for: names get what is there.
  const shorterSlot = Math.min(slot, Math.max(SHORTEST_SLOT, rest - Math.min(trial, SHORTEST_TRIAL)));
  return { slot: shorterSlot, trial: Math.max(0, Math.min(trial, rest - shorterSlot)), message: 0 };
}

function slotLine(slot: SlotState, widths: Widths, { now, columns, paint }: View): string {
  const { trial, stage, message } = cellsOf(slot);
  const isQuiet = slot.status === 'Idle' || slot.status === 'Done';
  const since = slot.status === 'Done' ? '' : elapsed(now - slot.since);
  const cells = [
    { text: fitEnd(slot.slot, widths.slot), style: isQuiet ? 'dim' : 'bold' },
    { text: fitEnd(trial, widths.trial) },
    { text: fitStart(stage, STAGE), style: isQuiet ? 'dim' : slot.status === 'Quarantined' ? 'red' : 'cyan' },
    { text: since.padStart(SINCE) },
    {
      text: widths.message > 0 ? fitMessage(oneLine(message), trial, widths.message) : '',
      style: slot.status === 'Quarantined' ? 'red' : 'dim',
    },
  ] as const;
  const texts = cells.filter(({ text }) => text !== '');
  const plainLine = texts.map(({ text }) => text).join(' '.repeat(GAP));
  // Narrower than any choice of columns allows.
  if (widthOf(plainLine.trimEnd()) > columns) return fitStart(plainLine, columns);
  return texts
    .map((cell) => ('style' in cell ? paint(cell.style, cell.text) : cell.text))
    .join(' '.repeat(GAP))
    .trimEnd();
}

/** The trial's name, with which the names of its Jobs and pods begin, stands in the same line already. */
function fitMessage(message: string, trial: string, columns: number): string {
  const isLong = trial !== '' && widthOf(message) > columns;
  return fitStart(isLong ? message.replaceAll(`${trial}-`, '…') : message, columns).trimEnd();
}

function cellsOf(slot: SlotState): { trial: string; stage: string; message: string } {
  switch (slot.status) {
    case 'Trial':
      return { trial: slot.trial, stage: slot.stage, message: slot.waitsFor ?? '' };
    case 'Idle':
      return { trial: '', stage: 'idle', message: slot.waitsFor ?? '' };
    case 'Quarantined':
      return { trial: '', stage: 'quarantined', message: `${slot.reason}: ${slot.message}` };
    case 'Done':
      return { trial: '', stage: 'done', message: '' };
  }
}

const WORDS: Record<SlotState['status'], string> = { Trial: 'in trials', Idle: 'idle', Quarantined: 'quarantined', Done: 'done' };

function moreLine(hidden: readonly SlotState[], { columns, paint }: View): string {
  const counts = Object.entries(WORDS).flatMap(([status, word]) => {
    const count = hidden.filter((slot) => slot.status === status).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return paint('dim', fitStart(`… and ${hidden.length} more: ${counts.join(', ')}`, columns).trimEnd());
}
