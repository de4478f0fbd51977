// What ccxt's own classes can do, and which of them are refused for trading.
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { loadCcxt } from './api.ts';
import { capabilitiesOf, historyOf, tradingRefusal } from './capabilities.ts';
import { profileOf } from './profiles.ts';

async function refusalOf(id: string): Promise<string | null> {
  const type = (await loadCcxt()).classOf(id);
  if (type === null) throw new Error(`ccxt has no ${id}`);
  return tradingRefusal(capabilitiesOf(new type({}).has, profileOf(id)));
}

describe('capabilities of ccxt venues', () => {
  it.each([
    ...['binance', 'binanceusdm', 'okx', 'bybit', 'gate', 'kucoinfutures', 'bitget', 'mexc'],
    ...['htx', 'bingx', 'phemex', 'coinex', 'krakenfutures', 'whitebit', 'woo'],
  ])('%s may be traded', async (id) => {
    expect(await refusalOf(id)).toBeNull();
  });

  it.each([
    ['deribit', /funding payments/],
    ['dydx', /own fills: own fills cannot be listed/],
    ['bitstamp', /positions: positions cannot be read/],
    ['kraken', /perpetuals: ccxt has no perpetuals/],
    ['hyperliquid', /our order ids: its client ids/],
  ])('%s is refused: %s', async (id, reason) => {
    expect(await refusalOf(id)).toMatch(reason);
  });

  it('every method that trading needs refuses the venue when it is missing', () => {
    const { has } = new ccxt.pro.okx();
    const profile = profileOf('okx');
    for (const method of [
      ...['swap', 'createOrder', 'cancelOrder', 'fetchOpenOrders', 'fetchMyTrades'],
      ...['fetchBalance', 'fetchPositions', 'fetchFundingHistory'],
    ]) {
      const capabilities = capabilitiesOf({ ...has, [method]: false }, profile);
      expect(tradingRefusal(capabilities), method).not.toBeNull();
    }
    const blind = { fetchOrder: false, fetchClosedOrders: false, fetchOrders: false };
    expect(tradingRefusal(capabilitiesOf({ ...has, ...blind }, profile))).toMatch(/ended orders/);
    const noRates = { fetchFundingRates: false, fetchFundingRate: false };
    expect(tradingRefusal(capabilitiesOf({ ...has, ...noRates }, profile))).toMatch(
      /funding rates/,
    );
  });

  it('takes the listing that is complete by itself before two that must be joined', () => {
    expect(historyOf({ fetchOrders: true, fetchClosedOrders: true })).toEqual(['fetchOrders']);
    expect(historyOf({ fetchClosedOrders: true, fetchCanceledOrders: true })).toEqual([
      'fetchClosedOrders',
      'fetchCanceledOrders',
    ]);
    expect(historyOf({ fetchClosedOrders: 'emulated' })).toBeNull();
  });
});
