import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { liveBoard, type LiveBoard } from '../../../../runner/progress/board/live-board.ts';
import { colored, plain, type Paint } from '../../../../runner/progress/board/paint.ts';
import type { RunEvent } from '../../../../runner/progress/events.ts';
import { redactor } from '../../../../runner/progress/redact.ts';
import { turnedClock, type TurnedClock } from '../../../../sandbox/turned-clock.ts';
import { aTerminal, type ShownTerminal } from '../../../support/a-terminal.ts';
import {
  experimentStarted,
  FAILED,
  slotsTaken,
  stageStarted,
  trialFinished,
  trialStarted,
  waiting,
} from '../../../support/board-events.ts';

const HIDE = '\u001B[?25l';
const SHOW = '\u001B[?25h';

const RUNNING: RunEvent[] = [slotsTaken('shop-1', 'shop-2'), experimentStarted(), trialStarted(), stageStarted('run')];

describe('the live board', () => {
  let clock: TurnedClock;
  let terminal: ShownTerminal;
  let host: EventEmitter & { pid: number; killed: string[]; kill(pid: number, signal: string): void };
  let board: LiveBoard;

  beforeEach(() => {
    clock = turnedClock('2026-01-01T10:00:00.000Z');
    host = Object.assign(new EventEmitter(), {
      pid: 7,
      killed: [] as string[],
      kill(pid: number, signal: string) {
        this.killed.push(`${pid} ${signal}`);
      },
    });
    open(120);
  });

  function open(
    columns: number,
    { rows = 20, paint = plain, secrets = [] }: { rows?: number; paint?: Paint; secrets?: string[] } = {},
  ): void {
    terminal = aTerminal(columns, rows);
    const redact = redactor(secrets);
    board = liveBoard({ terminal, host, paint, redact, now: clock.now, after: clock.after });
  }

  async function tell(...events: RunEvent[]): Promise<void> {
    for (const event of events) board.emit(event);
    await clock.advance(50);
  }

  it('stays below what is told, in one place', async () => {
    await tell(...RUNNING);
    await tell({ type: 'notice', level: 'warning', message: 'the API server is slow' });
    await clock.advance(1_000);
    await tell(waiting('pod sizing-001-x is Running'));

    assert.deepEqual(await terminal.shows(), [
      '10:00:00 [sizing] experiment begins: 0 trials so far, 0 failed, at most 4 left',
      '10:00:00 warning: the API server is slow',
      '',
      'shop-1  sizing-001  run               1s  pod sizing-001-x is Running',
      'shop-2              idle              1s',
      '',
      '░░░░░░░░░░░░░░░░░░░░░░░░░░░░░  0 of 4   1 running   0 failed',
    ]);
  });

  it('keeps how each trial ended, a failed one with the whole reason', async () => {
    const message = `container load ran out of memory, ${'and again '.repeat(12)}in the end`;
    await tell(...RUNNING, trialFinished(1, 'shop-1', { values: { p95: 0.23123456 } }), trialStarted(2, 'shop-2'));
    await tell(trialFinished(2, 'shop-2', { ...FAILED, message }));

    const lines = (await terminal.shows()).join('');

    assert.match(lines, /10:00:00 \[shop-1 sizing-001\] completed in 1m: p95 0\.2312/);
    assert.ok(lines.includes(`10:00:00 [shop-2 sizing-002] failed at run after 1m: OOMKilled: ${message}`), lines);
  });

  it('says when a failure was not that of the settings', async () => {
    await tell(...RUNNING, trialFinished(1, 'shop-1', { ...FAILED, infrastructure: true }));

    assert.match((await terminal.shows()).join('\n'), /sizing-001\] failed, not by its settings, at run after 1m: OOMKilled/);
  });

  it('lets time pass every second and writes nothing when nothing changes', async () => {
    await tell(slotsTaken('shop-1'), { type: 'slot-finished', slot: 'shop-1' });
    const before = terminal.written.length;

    await clock.advance(10_000);

    assert.equal(terminal.written.length, before);
  });

  it('draws several events at once in one write', async () => {
    await tell(...RUNNING, waiting('one'), waiting('two'), waiting('three'));

    assert.equal(terminal.written.length, 1);
  });

  for (const columns of [120, 80, 40]) {
    it(`leaves no trace of itself when ${columns} columns become others`, async () => {
      open(columns);
      await tell(...RUNNING, waiting('pod sizing-001-x7k2p is Pending, as no node has what it asks for: Insufficient cpu'));

      for (const width of [200, 33, 64, columns]) {
        await terminal.resize(width, 20);
        await clock.advance(1_000);
      }

      const lines = await terminal.shows();
      assert.deepEqual(
        lines.filter((line) => /^shop-|^░/.test(line)).map((line) => line.slice(0, 6)),
        ['shop-1', 'shop-2', '░░░░░░'],
        lines.join('\n'),
      );
    });
  }

  it('is as high as the terminal has room for', async () => {
    const many = slotsTaken(...Array.from({ length: 30 }, (_, index) => `shop-${index}`));
    await tell(many, experimentStarted());
    await terminal.resize(120, 10);
    await clock.advance(1_000);
    await terminal.resize(120, 40);
    await clock.advance(1_000);

    const lines = await terminal.shows();

    // What a lower terminal scrolled away before cannot be taken back.
    const now = lines.filter((line) => /^shop-\d+ .* 2s|^░/.test(line));
    assert.equal(now.length, 28, lines.join('\n'));
    assert.ok(lines.includes('… and 3 more: 3 idle'));
  });

  it('leaves part of a low terminal to what is told', async () => {
    open(80, { rows: 20 });
    const told: RunEvent[] = ['one', 'two', 'three', 'four'].map((message) => ({ type: 'notice', level: 'info', message }));
    await tell(slotsTaken(...Array.from({ length: 30 }, (_, index) => `shop-${index}`)), ...told);

    const visible = (await terminal.shows()).slice(-19);

    assert.deepEqual(
      visible.slice(0, 4).map((line) => line.slice(9)),
      ['one', 'two', 'three', 'four'],
    );
  });

  it('is gone when it is closed, and what is told then is a line', async () => {
    await tell(...RUNNING);
    board.emit(trialFinished());
    board.close();
    board.emit({ type: 'run-finished', run: 'r1', exitCode: 0, trials: 1, failed: 0, seconds: 61 });
    await clock.advance(5_000);

    assert.deepEqual(await terminal.shows(), [
      '10:00:00 [sizing] experiment begins: 0 trials so far, 0 failed, at most 4 left',
      '10:00:00 [shop-1 sizing-001] completed in 1m',
      '10:00:00 run r1 ends after 1m1s: 1 trials, 0 failed, exit code 0',
    ]);
  });

  it('takes part in nothing more once it is closed', async () => {
    await tell(...RUNNING);
    board.close();

    assert.deepEqual(host.eventNames(), []);
  });

  describe('gives the cursor back', () => {
    const isHidden = () => {
      const text = terminal.written.join('');
      return text.lastIndexOf(HIDE) > text.lastIndexOf(SHOW);
    };

    beforeEach(async () => {
      await tell(...RUNNING);
      assert.ok(isHidden());
    });

    it('when it is closed', () => {
      board.close();

      assert.ok(!isHidden());
    });

    it('when the process exits, by a bug or a second signal', () => {
      host.emit('exit');

      assert.ok(!isHidden());
    });

    for (const signal of ['SIGHUP', 'SIGQUIT']) {
      it(`before ${signal} ends the process as it would without the board`, () => {
        host.emit(signal);

        assert.ok(!isHidden());
        assert.deepEqual(host.killed, [`7 ${signal}`]);
        assert.equal(host.listenerCount(signal), 0);
      });
    }

    it('while the process is suspended, and begins anew below what the shell says', async () => {
      host.emit('SIGTSTP');
      const wasHidden = isHidden();
      terminal.write('[1]+ Stopped\n$ fg\n');
      await clock.advance(2_000);

      assert.deepEqual(
        { wasHidden, killed: host.killed, isHidden: isHidden() },
        { wasHidden: false, killed: ['7 SIGSTOP'], isHidden: true },
      );
      assert.deepEqual(
        (await terminal.shows()).filter((line) => /^shop-1|^\$/.test(line)),
        ['shop-1  sizing-001  run               0s', '$ fg', 'shop-1  sizing-001  run               2s'],
      );
    });
  });

  it('masks secrets, also those of which only a part would be shown', async () => {
    const secret = `tok-${'x'.repeat(60)}`;
    open(60, { secrets: [secret] });

    await tell(...RUNNING, waiting(`pod has ${secret} in its environment`), trialFinished(1, 'shop-1', { ...FAILED, message: secret }));

    assert.doesNotMatch(terminal.written.join(''), /tok-|xxxx/);
    assert.match((await terminal.shows()).join(''), /OOMKilled: \*\*\*/);
  });

  it("lets no server's words move its cursor", async () => {
    await tell(...RUNNING, waiting('\u001B[2J\u001B[Hgone\nand gone'));

    assert.match((await terminal.shows()).join('\n'), /^shop-1 .* gone and gone$/m);
  });

  it('is colored where colors are wanted, and only there', async () => {
    await tell(...RUNNING);
    const without = terminal.written.join('');
    open(120, { paint: colored });
    await tell(...RUNNING);

    assert.ok(!without.includes('\u001B[36m'));
    assert.ok(terminal.written.join('').includes('\u001B[36mrun'));
  });
});
