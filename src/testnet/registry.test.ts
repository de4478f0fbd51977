import { describe, expect, it } from 'vitest';
import { venueSetups } from '../app/compose.ts';
import { loadConfig } from '../app/config.ts';
import { parseTestnet } from '../app/testnet-file.ts';
import { isAddress, isPrivateKey } from '../venues/hyperliquid/signature.ts';
import { venuesByDefault } from './registry.ts';
import { runTestnet } from './run.ts';

describe('venues that are played on request', () => {
  it('are no part of the default three', () => {
    expect(venuesByDefault()).toEqual(['binance', 'okx', 'bybit']);
  });

  it('say keys of their own where clients need another form; the system uses them', async () => {
    const testnet = await runTestnet({ venues: ['bybit', 'hyperliquid'], speed: 1 });
    try {
      const line = JSON.stringify(testnet.describe());
      const { venues, key, secret } = parseTestnet(line, 'the test');
      expect(Object.keys(venues['bybit'] ?? {})).toEqual(['http', 'ws']);
      expect(isAddress(venues['hyperliquid']?.key ?? '')).toBe(true);
      expect(isPrivateKey(venues['hyperliquid']?.secret ?? '')).toBe(true);
      const config = loadConfig(new URL('../../config', import.meta.url).pathname, {});
      const { bybit } = config.exchanges.venues;
      if (bybit === undefined) throw new Error('no Bybit in the shipped configuration');
      const exchanges = { ...config.exchanges, venues: { bybit, hyperliquid: bybit } };
      const setups = venueSetups({ ...config, exchanges }, parseTestnet(line, 'the test'));
      expect(
        setups.map(({ id, credentials }) => [id, credentials?.key, credentials?.secret]),
      ).toEqual([
        ['bybit', key, secret],
        ['hyperliquid', venues['hyperliquid']?.key, venues['hyperliquid']?.secret],
      ]);
    } finally {
      await testnet.stop();
    }
  });
});
