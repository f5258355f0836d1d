import { open } from 'node:fs/promises';

/** One line of the API server's audit log, as far as it is read here. */
export type AuditEvent = {
  verb: string;
  user: { username: string };
  objectRef?: { apiGroup?: string; resource: string; namespace?: string; name?: string; subresource?: string };
  responseStatus?: { code?: number };
  requestReceivedTimestamp: string;
  /** When the request was answered. */
  stageTimestamp: string;
  requestObject?: any;
};

export type AuditLog = {
  /** The events that were logged since the last call, in the order in which their requests were received. */
  newEvents(): Promise<AuditEvent[]>;
};

export function openAuditLog(file: string): AuditLog {
  let offset = 0;
  return {
    async newEvents() {
      const text = await readFrom(file, offset);
      const whole = text.subarray(0, text.lastIndexOf('\n') + 1);
      offset += whole.length;
      const lines = whole
        .toString()
        .split('\n')
        .filter((line) => line !== '');
      const events = lines.map((line): AuditEvent => JSON.parse(line));
      return events.toSorted((a, b) => (a.requestReceivedTimestamp < b.requestReceivedTimestamp ? -1 : 1));
    },
  };
}

async function readFrom(file: string, offset: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
