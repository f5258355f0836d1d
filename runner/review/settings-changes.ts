import type { Settings } from '../definition/load-settings.ts';
import { formatDuration } from '../progress/format-duration.ts';

/** As text; empty where a setting says nothing. */
export type SettingChange = { setting: string; before: string; after: string };

/** What is another in `fieldtrial.yaml`, with the defaults of what it leaves out. */
export function settingsChanges(before: Settings, after: Settings): SettingChange[] {
  const [old, now] = [spelled(before), spelled(after)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((setting) => {
    const change = { setting, before: old[setting] ?? '', after: now[setting] ?? '' };
    return change.before === change.after ? [] : [change];
  });
}

function spelled({ resultsBranch, author, slots, timeouts }: Settings): Record<string, string> {
  const stages = Object.entries(timeouts).map(([stage, timeout]) => [`timeouts.${stage}`, formatDuration(timeout)]);
  return {
    resultsBranch,
    'author.name': author.name,
    'author.email': author.email,
    slots: slots.join(', '),
    ...Object.fromEntries(stages),
  };
}
