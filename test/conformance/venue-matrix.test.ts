// docs/venues/README.md says what the adapters can. FARB_UPDATE_DOCS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { hyperliquidSubject } from './subjects/hyperliquid.ts';
import { okxSubject } from './subjects/okx.ts';
import { section, withSection } from './venue-docs.ts';
import { capabilityMatrix } from './venue-matrix.ts';

it('docs/venues/README.md says what each adapter can', () => {
  const url = new URL('../../docs/venues/README.md', import.meta.url);
  const matrix = capabilityMatrix([binanceSubject, okxSubject, bybitSubject, hyperliquidSubject]);
  const doc = readFileSync(url, 'utf8');
  if (process.env['FARB_UPDATE_DOCS'] === '1') {
    writeFileSync(url, withSection(doc, 'what each can', matrix));
  }
  expect(section(readFileSync(url, 'utf8'), 'what each can')).toBe(matrix);
});
