// The tables of docs/venues/*.md say what the code does. FARB_UPDATE_DOCS=1 writes them anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { present } from '../../src/base/assert.ts';
import { errorTable as binanceCodes, classOf } from '../../src/venues/binance/errors.ts';
import { binance } from '../../src/venues/binance/index.ts';
import { knownCodes as bybitCodes, readCode as readBybit } from '../../src/venues/bybit/errors.ts';
import { bybit } from '../../src/venues/bybit/index.ts';
import { knownCodes as okxCodes, readCode as readOkx } from '../../src/venues/okx/errors.ts';
import { okx } from '../../src/venues/okx/index.ts';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { okxSubject } from './subjects/okx.ts';
import { capabilityTable, errorTable, section, withSection } from './venue-docs.ts';

const order = { message: '', changesOrders: true };
const venues = [
  [binance, binanceSubject, errorTable(Object.keys(binanceCodes), (code) => classOf(code, ''))],
  [okx, okxSubject, errorTable(okxCodes, readOkx)],
  [bybit, bybitSubject, errorTable(bybitCodes, (code) => readBybit(code, order))],
] as const;

it.each(venues.map(([spec, ...rest]) => [spec.id, spec, ...rest] as const))(
  'docs/venues/%s.md lists what the adapter serves and its error codes',
  (id, spec, subject, errors) => {
    const url = new URL(`../../docs/venues/${id}.md`, import.meta.url);
    const all = subject.catalog().all();
    const perp = present(
      all.find(({ kind }) => kind === 'linear-perp'),
      'a perpetual',
    );
    const spot = present(
      all.find(({ kind }) => kind === 'spot'),
      'a spot pair',
    );
    const inverse = present(
      all.find(({ kind }) => kind === 'inverse-perp'),
      'an inverse perpetual',
    );
    const capabilities = capabilityTable(spec, { perp, spot, inverse });
    if (process.env['FARB_UPDATE_DOCS'] === '1') {
      const doc = readFileSync(url, 'utf8');
      const served = withSection(doc, 'what it serves', capabilities);
      writeFileSync(url, withSection(served, 'errors', errors));
    }
    const doc = readFileSync(url, 'utf8');
    expect(section(doc, 'what it serves')).toBe(capabilities);
    expect(section(doc, 'errors')).toBe(errors);
  },
);
