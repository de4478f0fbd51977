// Faults that the testnet can be told to show, from a JSON or YAML list. A fault is on between two
// wall times counted from the start. The server itself acts on the names below; every other name is
// handed to the protocol files (`context.fault(name)`). See docs/testnet.md.
import { parse } from 'yaml';
import { z } from 'zod';
import { messageOf, UserError } from '../base/errors.ts';
import type { VenueId } from '../domain/instrument.ts';

/** Names that the server acts on. */
export const serverFaults = [
  'stale-stream',
  'lost-events',
  'http-503',
  'timeout',
  'ack-lost',
  'drop-connections',
  'adl',
] as const;
export type ServerFault = (typeof serverFaults)[number];

export const faultsMax = 1_000;

const faultSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  /** Absent = all venues. */
  venue: z.string().optional(),
  fromWallMs: z.number().min(0),
  toWallMs: z.number().min(0),
  /** Only requests with this method; absent = any (`ack-lost`: any but GET). */
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  /** Only requests whose path contains this text. */
  path: z.string().optional(),
});
const faultsSchema = z.array(faultSchema).max(faultsMax);

export type Fault = z.infer<typeof faultSchema>;

export interface FaultPlan {
  /** Whether a fault of this name is on for the venue, whatever it is limited to. */
  active(name: string, venue: VenueId, sinceStartMs: number): boolean;
  /** Whether it is on for this request. */
  hits(name: ServerFault, venue: VenueId, sinceStartMs: number, request: FaultedRequest): boolean;
}

export interface FaultedRequest {
  readonly method: string;
  readonly path: string;
}

/** Reads the text of a faults file; throws a UserError that names the place. */
export function parseFaults(text: string, file: string): readonly Fault[] {
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new UserError(`${file}: not YAML or JSON: ${messageOf(error)}`);
  }
  const result = faultsSchema.safeParse(value ?? []);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UserError(`${file}: ${issue?.path.join('.') || 'the list'}: ${issue?.message}`);
  }
  for (const fault of result.data) {
    if (fault.toWallMs <= fault.fromWallMs) {
      throw new UserError(`${file}: ${fault.name}: toWallMs must be after fromWallMs`);
    }
  }
  return result.data;
}

export function planFaults(faults: readonly Fault[]): FaultPlan {
  const on = (fault: Fault, name: string, venue: VenueId, sinceStartMs: number): boolean =>
    fault.name === name &&
    (fault.venue === undefined || fault.venue === venue) &&
    sinceStartMs >= fault.fromWallMs &&
    sinceStartMs < fault.toWallMs;
  return {
    active: (name, venue, sinceStartMs) =>
      faults.some((fault) => on(fault, name, venue, sinceStartMs)),
    hits: (name, venue, sinceStartMs, request) =>
      faults.some((fault) => {
        if (!on(fault, name, venue, sinceStartMs)) return false;
        if (fault.path !== undefined && !request.path.includes(fault.path)) return false;
        if (fault.method !== undefined) return fault.method === request.method;
        return name !== 'ack-lost' || request.method !== 'GET';
      }),
  };
}
