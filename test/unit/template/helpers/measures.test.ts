import { failsWith, givesValues } from '../../../support/template-cases.ts';

const scope = { start: '2024-05-01T12:00:00Z', end: '2024-05-01T14:00:05.25+02:00', date: new Date('2024-05-01T12:00:01Z') };

describe('duration', () => {
  givesValues(
    [
      ['{{duration start end}}', 5.25],
      ['{{duration start date}}', 1],
      ['{{duration end start}}', 0],
      ['{{duration start start}}', 0],
    ],
    scope,
  );

  failsWith(
    [
      ['{{duration start "yesterday"}}', 'duration: expected a time such as 2024-05-01T12:00:00Z, got "yesterday"'],
      ['{{duration start "2024-05-01"}}', 'duration: expected a time such as 2024-05-01T12:00:00Z, got "2024-05-01"'],
      ['{{duration start "2024-13-01T00:00:00Z"}}', 'duration: expected a time such as 2024-05-01T12:00:00Z, got "2024-13-01T00:00:00Z"'],
      ['{{duration 0 start}}', 'duration: expected a time such as 2024-05-01T12:00:00Z, got 0'],
    ],
    scope,
  );
});
