// Reading what clients send over a socket. A message that is no JSON object is null, never an
// error.
import { type Params, paramsOfObject, parsedJson } from './params.ts';

export interface Message {
  readonly op: string;
  readonly args: readonly unknown[];
  /** Echoed as it came, where there is one. */
  readonly requestId: string | number | null;
  readonly header: Params | null;
}

export function readMessage(text: string): Message | null {
  const value = parsedJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const frame = value as Readonly<Record<string, unknown>>; // a JSON object, fields unknown
  const { op, args } = frame;
  const id = frame['req_id'] ?? frame['reqId'];
  return {
    op: typeof op === 'string' ? op : '',
    args: Array.isArray(args) ? args : [],
    requestId: typeof id === 'string' || typeof id === 'number' ? id : null,
    header: paramsOfObject(frame['header']),
  };
}

/** Sockets that say nothing for this long are closed. */
export const idleWallMsMax = 600_000;
