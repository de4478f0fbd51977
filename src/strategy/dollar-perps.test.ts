import { describe, expect, it } from 'vitest';
import { instrumentOf } from '../../test/support/strategy-fixtures.ts';
import { dollarPerps } from './dollar-perps.ts';
import { perpPerp } from './perp-perp.ts';
import { strategyByName } from './registry.ts';

describe('perpetuals in two dollars', () => {
  const all = [
    instrumentOf('binance', 'linear-perp'),
    instrumentOf('okx', 'linear-perp'),
    instrumentOf('okx', 'linear-perp', { quote: 'USDC' }),
    instrumentOf('hyperliquid', 'linear-perp', { quote: 'USDC' }),
    instrumentOf('hyperliquid', 'linear-perp', { quote: 'USDC', base: 'ETH' }),
    instrumentOf('hyperliquid', 'spot', { quote: 'USDC' }),
    instrumentOf('bybit', 'inverse-perp', { quote: 'USD' }),
  ];

  it('pair over venues and dollars, in both directions, and nothing else', () => {
    const pairs = dollarPerps.pairs(all).map(({ long, short }) => `${long} ${short}`);
    const two = (a: string, b: string) => [`${a} ${b}`, `${b} ${a}`];
    expect(pairs.sort()).toEqual(
      [
        ...two('binance:BTC-USDT-PERP', 'hyperliquid:BTC-USDC-PERP'),
        ...two('okx:BTC-USDT-PERP', 'hyperliquid:BTC-USDC-PERP'),
        ...two('binance:BTC-USDT-PERP', 'okx:BTC-USDC-PERP'),
      ].sort(),
    );
  });

  it('are no pairs of perp-perp: the price of one dollar in the other is another risk', () => {
    const same = new Set(perpPerp.pairs(all).map(({ long, short }) => `${long} ${short}`));
    for (const { long, short } of dollarPerps.pairs(all)) {
      expect(same.has(`${long} ${short}`)).toBe(false);
    }
    expect(strategyByName('dollar-perps')).toBe(dollarPerps);
  });
});
