import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { shippedConfigDir } from './config-places.ts';
import { modeOf } from './mode.ts';

const config = loadConfig(shippedConfigDir(), {});
const wish = { mode: null, hasTestnet: false, yesTradeRealMoney: false } as const;

describe('the mode of a start', () => {
  it('is the configured one with the local exchanges', () => {
    expect(modeOf(config, { ...wish, hasTestnet: true })).toBe('testnet');
  });

  it('what is called a test cannot reach a live venue', () => {
    expect(() => modeOf(config, wish)).toThrow(
      'venues.binance.profile is live. Add --testnet FILE',
    );
  });

  it('live needs a second word, from the command line or the configuration', () => {
    const live = { ...wish, mode: 'live' } as const;
    expect(() => modeOf(config, live)).toThrow('add --yes-trade-real-money');
    expect(modeOf(config, { ...live, yesTradeRealMoney: true })).toBe('live');
    const agreed = { ...config, main: { ...config.main, tradeRealMoney: true } };
    expect(modeOf(agreed, live)).toBe('live');
  });

  it('the configuration alone cannot turn a testnet file into live trading', () => {
    const live = { ...config, main: { ...config.main, mode: 'live' as const } };
    expect(() => modeOf(live, { ...wish, hasTestnet: true, yesTradeRealMoney: true })).toThrow(
      '--testnet: not with mode live',
    );
  });

  it('paper needs no consent, and takes live data or the local exchanges', () => {
    expect(modeOf(config, { ...wish, mode: 'paper' })).toBe('paper');
    expect(modeOf(config, { ...wish, mode: 'paper', hasTestnet: true })).toBe('paper');
  });
});
