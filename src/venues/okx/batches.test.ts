import { describe, expect, it } from 'vitest';
import { okxCatalog } from '../../../test/support/okx-fixtures.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { draftOf } from '../../testing/drafts.ts';
import { batches } from './batches.ts';
import { okx } from './index.ts';
import { orderEntry } from './order-entry.ts';

const catalog = okxCatalog();
const swap = catalog.byId('okx:BTC-USDT-PERP') as Instrument;
const spot = catalog.byId('okx:BTC-USDT-SPOT') as Instrument;
const place = (clientOrderId: string, of = swap) =>
  okx.requests.place(draftOf(of, { clientOrderId }), of);

describe('batches', () => {
  it('twenty of any instruments go together; placements and cancels apart', () => {
    const group = batches.groupOf(place('a'));
    expect(group?.max).toBe(20);
    expect(batches.groupOf(place('b', spot))).toEqual(group);
    expect(batches.groupOf(okx.requests.cancel('a', swap))).not.toEqual(group);
    expect(batches.groupOf(okx.requests.balances()[0] ?? place('a'))).toBeNull();
  });

  it('the body is the list of the single bodies, over REST and over the socket', () => {
    const both = [place('a'), place('b', spot)];
    const joined = batches.join(both);
    expect(joined).toMatchObject({ path: '/api/v5/trade/batch-orders', weight: 2 });
    expect(joined.bucket).toBe('batchPlace');
    expect(JSON.parse(joined.body ?? '[]')).toEqual(both.map(({ body }) => JSON.parse(body ?? '')));
    const credentials = { key: 'k', secret: 's' };
    const message = orderEntry.message(joined, { id: 'f1', credentials, wallMs: 0, catalog });
    const said = JSON.parse(message?.text ?? '{}');
    expect([said.op, said.args.length]).toEqual(['batch-orders', 2]);
    expect(said.args[1]).toMatchObject({ clOrdId: 'b', instIdCode: 2_000_000_000_000_001 });
  });

  it('each item has its own code under a top code of 0, 1 or 2', () => {
    const of = [place('a'), place('b'), place('c')];
    const item = (clOrdId: string, sCode: string) => ({ clOrdId, ordId: '', sCode, sMsg: 'm' });
    const data = [item('a', '0'), item('b', '51008')];
    const parts = batches.split(of, { status: 200, body: JSON.stringify({ code: '2', data }) });
    expect(parts?.map((part) => (part === null ? null : JSON.parse(part.body)))).toEqual([
      { code: '0', msg: '', data: [data[0]] },
      { code: '1', msg: '', data: [data[1]] },
      null,
    ]);
    const refused = { status: 429, body: '{"code":"50011","msg":"Too Many Requests","data":[]}' };
    expect(batches.split(of, refused)).toBeNull();
  });

  it('an item of another order says nothing of this one', () => {
    const item = { clOrdId: 'b', ordId: '1', sCode: '0', sMsg: '' };
    const body = JSON.stringify({ code: '0', data: [item, item] });
    expect(batches.split([place('a'), place('b')], { status: 200, body })?.[0]).toBeNull();
  });
});
