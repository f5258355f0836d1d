import type { Figure } from './figures.ts';

/** The figures as a Markdown table; the last column says whether the goal is met. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    quantity(figure, figure.runner),
    figure.floor === undefined ? '' : quantity(figure, figure.floor),
    figure.ancestor ?? '',
    goal(figure),
    verdict(figure),
  ]);
  const table = [['figure', 'Fieldtrial', 'floor', 'ancestor', 'goal', ''], ['---', '--:', '--:', '--:', '--:', '---'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`).join('');
}

export function isMet({ goal, runner, digits }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  // What the table shows is what counts.
  const shown = Number(runner.toFixed(digits));
  return 'most' in goal ? shown <= goal.most : shown >= goal.least;
}

function quantity({ unit, digits }: Figure, value: number): string {
  return `${value.toFixed(digits)}${unit}`;
}

function goal({ goal, unit }: Figure): string {
  if (goal === undefined) return '';
  return 'most' in goal ? `≤ ${goal.most}${unit}` : `≥ ${goal.least}${unit}`;
}

function verdict(figure: Figure): string {
  const met = isMet(figure);
  if (met === undefined) return '';
  return met ? 'met' : 'missed';
}
