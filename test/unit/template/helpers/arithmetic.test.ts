import { failsWith, givesValues } from '../../../support/template-cases.ts';

describe('Arithmetic helpers', () => {
  givesValues([
    ['{{add 1 2}}', 3],
    ['{{add 1 2 3 4}}', 10],
    ['{{add 0.1 0.2}}', 0.3],
    ['{{add "1" "-0.5e1"}}', -4],
    ['{{add 9007199254740990 1}}', 9007199254740991],
    ['{{sub 1 3}}', -2],
    ['{{mul 3 0.1}}', 0.3],
    ['{{mul 2 3 4}}', 24],
    ['{{div 1 3}}', 0.333333333333333],
    ['{{mod 7 3}}', 1],
    ['{{mod -7 3}}', -1],
    ['{{neg 0}}', 0],
    ['{{neg -2}}', 2],
    ['{{abs -2.5}}', 2.5],
    ['{{min 3 1 2}}', 1],
    ['{{min 3}}', 3],
    ['{{max 3 "10" 2}}', 10],
    ['{{ceil -1.5}}', -1],
    ['{{ceil (mul 0.1 30)}}', 3],
    ['{{floor -1.5}}', -2],
    ['{{round 2.5}}', 3],
    ['{{round -2.5}}', -3],
    ['{{round -0.2}}', 0],
    ['{{round 1.005 2}}', 1.01],
    ['{{round 1234.5678 3}}', 1234.568],
    ['{{truncate 2.9}}', 2],
    ['{{truncate -2.9}}', -2],
    ['{{percent 200 12.5}}', 25],
    ['{{percent -9 50}}', -4],
  ]);

  failsWith(
    [
      ['{{div 1 0}}', 'div: division by zero'],
      ['{{mod 1 "0"}}', 'mod: division by zero'],
      ['{{add 1 "abc"}}', 'add: expected a number, got "abc"'],
      ['{{add 1 ""}}', 'add: expected a number, got ""'],
      ['{{add 1 "0x10"}}', 'add: expected a number, got "0x10"'],
      ['{{add 1 "Infinity"}}', 'add: expected a number, got "Infinity"'],
      ['{{add 1 true}}', 'add: expected a number, got true'],
      ['{{add 1 null}}', 'add: expected a number, got null'],
      ['{{add 1 nan}}', 'add: expected a number, got NaN'],
      ['{{add 1 list}}', 'add: expected a number, got a list'],
      ['{{add 1 "250m"}}', 'add: expected a number, got "250m"; read a quantity with (quantity …)'],
      ['{{mul big big}}', 'mul: the result is too large'],
      ['{{round 1 -1}}', 'round: expected 0 to 15 digits, got -1'],
    ],
    { nan: NaN, big: 1e300, list: [] },
  );
});
