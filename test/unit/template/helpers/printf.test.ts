import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = { name: 'checkout', flag: true, cpu: 250, share: 0.126, text: '8', list: [1] };

/** What Go's fmt.Sprintf gives for the same. */
describe('printf', () => {
  givesValues(
    [
      ['{{printf "plain"}}', 'plain'],
      ['{{printf "%s-%d" name cpu}}', 'checkout-250'],
      ['{{printf "%v %v %v" cpu share flag}}', '250 0.126 true'],
      ['{{printf "%d" text}}', '8'],
      ['{{printf "%5d|%-5d|%05d|%+d" cpu cpu -25 cpu}}', '  250|250  |-0025|+250'],
      ['{{printf "%.2f %f %6.1f" share 1 2.26}}', '0.13 1.000000    2.3'],
      ['{{printf "%e %g %.3g" 1234567 0.0000001 1234567}}', '1.234567e+06 1e-07 1230000'],
      ['{{printf "%x %X" 255 255}}', 'ff FF'],
      ['{{printf "%q" name}}', '"checkout"'],
      ['{{printf "%.3s|%6s|%-6s|" name "ab" "ab"}}', 'che|    ab|ab    |'],
      ['{{printf "%t" flag}}', 'true'],
      ['{{printf "%d%%" cpu}}', '250%'],
      ['{{printf "%v" list}}', '[1]'],
    ],
    scope,
  );

  failsWith(
    [
      ['{{printf "%d" share}}', 'printf: %d wants an integer, got 0.126; use %g or %.2f'],
      ['{{printf "%d" name}}', 'printf: expected a number, got "checkout"'],
      ['{{printf "%d %d" cpu}}', 'printf: "%d %d" wants more values than the 1 it gets'],
      ['{{printf "%d" cpu cpu}}', 'printf: "%d" uses 1 of 2 values'],
      ['{{printf "%y" cpu}}', 'printf: %y is not known; known are %s, %v, %q, %d, %x, %X, %f, %e, %g, %t and %%'],
      ['{{printf "100%" }}', 'printf: "100%" has a "%" that begins no directive; a percent sign is written %%'],
      ['{{printf "%t" cpu}}', 'printf: %t wants true or false, got 250'],
      ['{{printf "%9999d" cpu}}', 'printf: "%9999d" has a "%" that begins no directive; a percent sign is written %%'],
    ],
    scope,
  );
});
