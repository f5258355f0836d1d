import { givesValues } from '../../../support/template-cases.ts';

describe('Unit helpers', () => {
  givesValues(
    [
      ['{{KB q}}', 'q/1000'],
      ['{{MB q}}', 'q/1000000'],
      ['{{GB q}}', 'q/1000000000'],
      ['{{KiB q}}', 'q/1024'],
      ['{{MiB q}}', 'q/1048576'],
      ['{{GiB 5}}', '5/1073741824'],
    ],
    { q: 'q' },
  );
});
