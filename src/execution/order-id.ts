// Client order ids: recognisable, never repeated, at most 32 alphanumeric characters. `fa` +
// installation (6) + boot epoch (4) + serial (7, base 36) + leg. The epoch is durable before
// trading, so a lost journal tail never repeats an id.
import { assert } from '../base/assert.ts';
import type { ClientOrderId } from '../domain/order.ts';

const prefix = 'fa';
const pattern = /^fa([0-9a-z]{6})([0-9a-z]{4})([0-9a-z]{7})([lso])$/;

export interface OrderIdParts {
  readonly installation: string;
  readonly epoch: number;
  readonly serial: number;
  readonly leg: 'long' | 'short' | 'other';
}

export function makeOrderId(parts: OrderIdParts): ClientOrderId {
  assert(/^[0-9a-z]{6}$/.test(parts.installation), 'installation id is six of [0-9a-z]');
  const epoch = base36(parts.epoch, 4);
  const serial = base36(parts.serial, 7);
  const leg = parts.leg === 'long' ? 'l' : parts.leg === 'short' ? 's' : 'o';
  return `${prefix}${parts.installation}${epoch}${serial}${leg}`;
}

/** Null for an id that this software did not make. */
export function parseOrderId(id: string): OrderIdParts | null {
  const match = pattern.exec(id);
  if (match === null) return null;
  const [, installation = '', epoch = '', serial = '', leg = ''] = match;
  return {
    installation,
    epoch: Number.parseInt(epoch, 36),
    serial: Number.parseInt(serial, 36),
    leg: leg === 'l' ? 'long' : leg === 's' ? 'short' : 'other',
  };
}

function base36(value: number, width: number): string {
  const text = value.toString(36).padStart(width, '0');
  assert(Number.isInteger(value) && value >= 0 && text.length === width, `out of range: ${value}`);
  return text;
}
