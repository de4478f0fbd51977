import { describe, expect, it } from 'vitest';
import { RateHealth } from './rate-health.ts';

function told(...headrooms: readonly (number | null)[]): readonly (string | null)[] {
  const health = new RateHealth('okx');
  return headrooms.map((headroom) => {
    const said = health.look(headroom);
    return said === null ? null : `${said.status} ${said.headroom}`;
  });
}

describe('the room that the limits of a venue leave', () => {
  it('is told when it is too small for entries, when nothing is left, and when it is back', () => {
    expect(told(1, 0.5, 0.2, 0.1, 0, 0.15, 0.31, 1)).toEqual([
      ...[null, null, 'down 0.2', null, 'down 0', 'down 0.15', 'up 0.31', null],
    ]);
  });

  it('is not told again and again at a bound', () => {
    expect(told(0.2, 0.21, 0.19, 0.29, 0.2, 0, 0.05, 0, 0.1)).toEqual([
      ...['down 0.2', null, null, null, null, 'down 0', null, null, null],
    ]);
  });

  it('is not known where the venue names no limit of orders', () => {
    expect(told(null, null)).toEqual([null, null]);
  });
});
