// A simulated exchange over the scripted market with short forms for tests.
import { type Decimal, decimal, formatDecimal, zero } from '../../src/base/decimal.ts';
import type { SimEvent, SimOrder, SimOrderRequest, SimResult } from '../../src/sim/api.ts';
import { createSimExchange } from '../../src/sim/exchange.ts';
import type { ExchangeRules } from '../../src/sim/exchange-rules.ts';
import { type Script, scriptedMarket } from './scripted-market.ts';

export function simExchange(
  options: {
    readonly venue?: string;
    readonly script?: Partial<Script>;
    readonly usdt?: string;
    readonly rules?: Partial<ExchangeRules>;
  } = {},
) {
  const venue = options.venue ?? 'bybit';
  const market = scriptedMarket(venue, options.script);
  const usdt = decimal(options.usdt ?? '10000');
  const wallets = venue === 'binance' ? ['spot', 'futures'] : ['unified'];
  const exchange = createSimExchange({
    venue,
    market,
    startBalances: wallets.map((wallet) => ({ wallet, asset: 'USDT', amount: usdt })),
    ...(options.rules === undefined ? {} : { rules: options.rules }),
  });
  const events: SimEvent[] = [];
  exchange.onEvent((event) => events.push(event));
  const { startMs, perp, spot } = market;
  const at = (venueMs: number, wallMs = venueMs) => ({ tsMs: startMs + venueMs, wallMs });
  const order = (change: Partial<SimOrderRequest> = {}): SimOrderRequest => ({
    instrument: perp,
    clientOrderId: null,
    side: 'buy',
    type: 'limit',
    timeInForce: 'gtc',
    qty: decimal('1'),
    limit: change.type === 'market' ? null : decimal('100'),
    reduceOnly: false,
    ...change,
  });
  const wallet = venue === 'binance' ? 'futures' : 'unified';
  const total = (asset = 'USDT', name = wallet): string =>
    formatDecimal(
      exchange.balances().find((b) => b.asset === asset && b.wallet === name)?.total ?? zero,
    );
  return { exchange, market, events, at, order, total, perp, spot, startMs };
}

/** The order that was accepted; throws when it was not. */
export function placed(result: SimResult<SimOrder>): SimOrder {
  if (!result.ok) throw new Error(`${result.code}: ${result.message}`);
  return result.value;
}

export const text = (value: Decimal | null): string | null =>
  value === null ? null : formatDecimal(value);
