// The contract suite over every strategy of ours: the one that authors of plugins run.
import { decimal } from '../../src/base/decimal.ts';
import { type Instrument, instrumentIdOf } from '../../src/domain/instrument.ts';
import { coinPerpsName } from '../../src/strategy/coin-perps.ts';
import { dollarPerpsName } from '../../src/strategy/dollar-perps.ts';
import { strategies, strategiesOnRequest } from '../../src/strategy/registry.ts';
import { describeStrategy } from '../../src/testing/strategy-suite.ts';

for (const strategy of [...strategies, ...strategiesOnRequest]) {
  if (strategy.name === dollarPerpsName) {
    describeStrategy({ strategy, instruments: [perp('alpha', 'USDT'), perp('beta', 'USDC')] });
  } else if (strategy.name === coinPerpsName) {
    const instruments = [perp('alpha', 'USDT'), coinPerp('alpha', '100'), coinPerp('beta', '1')];
    describeStrategy({ strategy, instruments });
  } else describeStrategy({ strategy });
}

function coinPerp(venue: string, face: string): Instrument {
  const [kind, base, quote] = ['inverse-perp', 'BTC', 'USD'] as const;
  const id = instrumentIdOf({ venue, kind, base, quote });
  const lot = { lotSize: decimal('1'), qtyMin: decimal('1'), notionalMin: null };
  const terms = { kind, quote, settle: base, contractSize: decimal(face) } as const;
  return { ...perp(venue, 'USD'), id, ...terms, ...lot };
}

function perp(venue: string, quote: string): Instrument {
  return {
    id: instrumentIdOf({ venue, kind: 'linear-perp', base: 'BTC', quote }),
    ...{ venue, symbol: `BTC${quote}`, kind: 'linear-perp', base: 'BTC', quote, settle: quote },
    ...{ wallet: 'unified', contractSize: decimal('1') },
    ...{ qtyUnit: decimal('1'), priceUnit: decimal('1'), tickSize: decimal('0.01') },
    ...{ lotSize: decimal('0.001'), qtyMin: decimal('0.001'), qtyMax: null },
    ...{ notionalMin: decimal('5'), status: 'trading', fundingIntervalMs: null, leverageMax: null },
  };
}
