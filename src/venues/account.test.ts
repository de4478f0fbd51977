import { describe, expect, it } from 'vitest';
import { binanceSubject } from '../../test/conformance/subjects/binance.ts';
import { bybitSubject } from '../../test/conformance/subjects/bybit.ts';
import { okxSubject } from '../../test/conformance/subjects/okx.ts';
import { DepthFrame } from '../domain/depth-frame.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import { quoteSlots } from '../domain/venue-spec.ts';
import { draftOf } from '../testing/drafts.ts';
import { scanBytes } from '../testing/scan-bytes.ts';
import { accountSpec } from './account.ts';

const subjects = [binanceSubject, okxSubject, bybitSubject];
const alone = { accounts: 1 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The venue's listing twice, as two accounts have it in one catalog, the other's first. */
function sharedCatalog(of: readonly Instrument[], account: string): Catalog {
  const catalog = new Catalog();
  for (const instrument of of) catalog.put(instrument);
  for (const instrument of of) {
    const id = instrument.id.replace(/^[^:]+/, account);
    catalog.put({ ...instrument, id, venue: account });
  }
  return catalog;
}

describe.each(subjects.map((s) => [s.spec.id, s] as const))(
  'an account of %s',
  (venue, subject) => {
    const account = `${venue}-b`;
    const spec = accountSpec(subject.spec, account, alone);
    const listed = subject.catalog().all();
    const shared = sharedCatalog(listed, account);

    const ofAccount = (event: VenueEvent): VenueEvent => {
      const rename = (id: string | null) => id?.replace(`${venue}:`, `${account}:`) ?? null;
      const renamed = { ...event, venue: account, instrument: rename(event.instrument) };
      if (renamed.kind !== 'instrument') return renamed as VenueEvent;
      const id = rename(renamed.spec.id) ?? '';
      return { ...renamed, spec: { ...renamed.spec, id, venue: account } };
    };

    it('says what the adapter says, under its own id, of every sample', () => {
      for (const { text, from } of subject.samples) {
        const isFrame = 'stream' in from;
        const read = (of: typeof spec, catalog: Catalog) =>
          isFrame
            ? of.decode(bytesOf(text), from, catalog)
            : of.decodeReply(from, { status: 200, body: text }, catalog);
        const own = read(subject.spec, subject.catalog());
        expect(read(spec, shared)).toEqual(own.map(ofAccount));
      }
    });

    it('its quotes go to its own instruments', () => {
      const out = new Float64Array(quoteSlots.size);
      let scanned = 0;
      for (const { text, from } of subject.samples) {
        if (!('stream' in from)) continue;
        const index = scanBytes(spec.quoteScanner(from, shared), bytesOf(text), out);
        if (index < 0) continue;
        scanned++;
        expect(shared.at(index).venue).toBe(account);
        // The adapter itself, beside it, keeps to its own.
        const own = scanBytes(subject.spec.quoteScanner(from, shared), bytesOf(text), out);
        expect(shared.at(own).venue).toBe(venue);
      }
      expect(scanned).toBeGreaterThan(0);
    });

    it('its books go to its own instruments, as many as the adapter reads', () => {
      const levels = new DepthFrame();
      for (const { text, from } of subject.samples) {
        if (!('stream' in from)) continue;
        const scan = (of: typeof spec): number => {
          const scanner = of.depthScanner?.(from, shared);
          return scanner === undefined ? -1 : scanBytes(scanner, bytesOf(text), levels);
        };
        const [own, plain] = [scan(spec), scan(subject.spec)];
        expect(own < 0).toBe(plain < 0);
        if (own >= 0) expect(shared.at(own).venue).toBe(account);
      }
    });

    it("its orders are the adapter's, over REST and over the socket", () => {
      const perp = listed.find(({ kind, lotSize }) => kind === 'linear-perp' && lotSize !== null);
      const own = shared.byId(perp?.id.replace(`${venue}:`, `${account}:`) ?? '');
      if (perp === undefined || own === undefined) throw new Error('no perpetual');
      const request = spec.requests.place(draftOf(own), own);
      expect(request).toEqual(subject.spec.requests.place(draftOf(perp), perp));
      const credentials = { key: 'k', secret: 's', passphrase: 'p' };
      const call = { id: 'f1', credentials, wallMs: 1_700_000_000_000 };
      const message = spec.orderEntry?.message(request, { ...call, catalog: shared });
      const plain = { ...call, catalog: subject.catalog() };
      expect(message).toEqual(subject.spec.orderEntry?.message(request, plain));
      expect(message).not.toBeNull();
    });

    it('divides what the venue counts per address, and nothing else', () => {
      const of = accountSpec(subject.spec, account, { accounts: 2 }).rateLimits.buckets;
      const perAddress = new Set(subject.spec.rateLimits.addressBuckets);
      expect(perAddress.size).toBeGreaterThan(0);
      for (const [name, { capacity }] of Object.entries(subject.spec.rateLimits.buckets)) {
        const expected = perAddress.has(name) ? Math.floor(capacity / 2) : capacity;
        expect([name, of[name]?.capacity]).toEqual([name, expected]);
      }
    });
  },
);

it("under the venue's own id it is the adapter itself", () => {
  for (const { spec } of subjects) expect(accountSpec(spec, spec.id, alone)).toBe(spec);
});
