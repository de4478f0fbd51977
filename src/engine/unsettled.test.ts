import { describe, expect, it } from 'vitest';
import { decimal } from '../base/decimal.ts';
import type { OrderState } from '../domain/order-state.ts';
import { checkUnsettled, noteOrder, unsettledOf } from './unsettled.ts';

/** Of an order only what decides whether it is settled. */
function order(id: string, status: OrderState['status'], [filled, reported]: [string, string]) {
  const quantities = { filledQty: decimal(filled), reportedFilledQty: decimal(reported) };
  return { order: { clientOrderId: id }, status, ...quantities } as unknown as OrderState;
}

describe('the orders that may still fill', () => {
  const orders = () =>
    new Map([
      ['open', order('open', 'open', ['0', '0'])],
      ['done', order('done', 'filled', ['1', '1'])],
      ['fill-missing', order('fill-missing', 'filled', ['0', '1'])],
    ]);

  it('are found among all that are remembered', () => {
    expect([...unsettledOf(orders()).keys()]).toEqual(['open', 'fill-missing']);
  });

  it('follow what becomes of each', () => {
    const all = orders();
    unsettledOf(all);
    const open = all.get('open') as OrderState;
    open.status = 'canceled';
    noteOrder(all, open);
    const done = all.get('done') as OrderState;
    done.reportedFilledQty = decimal('2'); // the venue tells of a fill that has not come
    noteOrder(all, done);
    expect([...unsettledOf(all).keys()].sort()).toEqual(['done', 'fill-missing']);
    checkUnsettled(all);
  });

  it('are missed by nobody: a change that was not told stops the process', () => {
    const all = orders();
    unsettledOf(all);
    (all.get('open') as OrderState).status = 'canceled';
    expect(() => checkUnsettled(all)).toThrow('unsettled orders');
  });
});
