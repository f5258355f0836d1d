import { writeFile } from 'node:fs/promises';

/** What kubelet keeps: MaxContainerTerminationMessageLength of k8s.io/kubernetes/pkg/kubelet/container/runtime.go. Bytes. */
const LIMIT = 4096;
const MARK = '\n… cut\n';

/**
 * Leaves how a run ended where kubelet looks for it, so that `kubectl describe pod` says it. Longer text keeps its beginning. A file that
 * cannot be written is a line for people and no failure: the run is over.
 */
export async function writeTerminationLog(file: string | undefined, text: string, say: (line: string) => void): Promise<void> {
  if (file === undefined) return;
  try {
    await writeFile(file, cut(text));
  } catch (error) {
    say(`the termination log ${file} could not be written: ${(error as Error).message}`);
  }
}

function cut(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= LIMIT) return bytes;
  const room = LIMIT - Buffer.byteLength(MARK);
  // A stream's decoder keeps back the character that the cut went through.
  const whole = new TextDecoder().decode(bytes.subarray(0, room), { stream: true });
  return Buffer.from(whole + MARK);
}
