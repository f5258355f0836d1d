/** The variable by which a container's processes are found wherever they went: the folder of the sandbox, `#`, and what is the container's own. */
export const CONTAINER_MARK = 'FIELDTRIAL_SANDBOX_CONTAINER';

/** The variable of processes that work in a folder and end by themselves; the folder is removed after them. */
export const FOLDER_MARK = 'FIELDTRIAL_SANDBOX_FOLDER';

/**
 * Text for `node -e`. `markedBy(text)` lists the ids of processes whose environment, as it was when they started, has a `NAME=value` that begins
 * with the text: on Linux those of this user, elsewhere none. `untilNone(look, act)` acts on what `look` finds until it finds nothing, and
 * complains after 10 s. `kill(id, signal)` and `killAll(ids)` pass over those that have ended.
 */
export const MARKED_PROCESSES = `
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const readEnvironment = (id) => {
  try {
    return readFileSync('/proc/' + id + '/environ', 'utf8');
  } catch (error) {
    // It has ended meanwhile, or is another user's.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(error.code)) return '';
    throw error;
  }
};
const markedBy = (text) => {
  if (!existsSync('/proc/self/environ')) return [];
  const ids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return ids.filter((id) => ('\\0' + readEnvironment(id)).includes('\\0' + text)).map(Number);
};
const untilNone = async (look, act) => {
  const deadline = Date.now() + 10_000;
  for (let ids = look(); ids.length > 0; ids = look()) {
    if (Date.now() > deadline) return void process.stderr.write('processes do not end: ' + ids.join(', ') + '\\n');
    act(ids);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
const kill = (id, signal) => {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
const killAll = (ids) => ids.forEach((id) => kill(id, 'SIGKILL'));
`;
