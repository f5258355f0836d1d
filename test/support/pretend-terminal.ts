/**
 * Preloaded into the program by tests: stderr takes itself for a terminal of the size that the parent process says, at first by
 * `PRETENDED_SIZE` and later by messages; whatever else makes a terminal, such as colors, is node's own.
 */
import { WriteStream } from 'node:tty';

type Size = { columns: number; rows: number };

const { stderr } = process;
Object.assign(stderr, { isTTY: true, hasColors: WriteStream.prototype.hasColors, getColorDepth: WriteStream.prototype.getColorDepth });
Object.assign(stderr, JSON.parse(process.env['PRETENDED_SIZE'] ?? '{}') satisfies Partial<Size>);

process.on('message', (size: Size) => {
  Object.assign(stderr, size);
  stderr.emit('resize');
});
// The program ends when it has nothing to do, not when the test does.
process.channel?.unref();
