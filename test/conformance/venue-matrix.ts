// What each native adapter can, side by side, for docs/venues/README.md: found out by asking the
// adapters, so that it cannot say what the code does not do. What no request and no sample tells is
// `unknown`.
import type { InstrumentKind } from '../../src/domain/instrument.ts';
import type { TimeInForce } from '../../src/domain/order.ts';
import type { FundingRateEvent, VenueEvent } from '../../src/domain/venue-event.ts';
import { type HttpRequest, quoteSlots } from '../../src/domain/venue-spec.ts';
import { draftOf } from '../../src/testing/drafts.ts';
import { scanBytes } from '../../src/testing/scan-bytes.ts';
import { type ConformanceSubject, isReply } from '../../src/testing/subject.ts';
import { accountReaderOf } from '../../src/venues/account-facts.ts';

type Cell = (subject: ConformanceSubject) => string;

const kinds: readonly InstrumentKind[] = ['spot', 'linear-perp', 'inverse-perp'];
const timesInForce: readonly TimeInForce[] = ['gtc', 'ioc', 'fok', 'post-only'];

const rows: readonly (readonly [name: string, cell: Cell])[] = [
  ['environments', ({ spec }) => Object.keys(spec.endpoints).join(', ')],
  ['markets', (subject) => listedKinds(subject).join(', ')],
  ['best bid and ask read as bytes', (subject) => yes(scansQuotes(subject))],
  ['depth read as bytes', ({ spec }) => yes(spec.depthScanner !== undefined)],
  ['book begins with', bookStart],
  ['private stream', privateStream],
  ['time in force', (subject) => timesInForce.filter((tif) => places(subject, tif)).join(', ')],
  ['market orders', (subject) => yes(tries(() => order(subject, { limit: null })))],
  ['reduce-only', (subject) => yes(isReduceOnlySent(subject))],
  ['orders over WebSocket', orderSockets],
  ['orders in one request', batches],
  ['dead-man switch', deadMan],
  ['margin tiers', ({ spec }) => yes(spec.requests.marginTiers !== undefined)],
  ['margin tiers count', (subject) => tierUnit(subject)],
  ['borrow rates of spot margin', ({ spec }) => yes(spec.requests.borrowRates !== undefined)],
  ['funding: interval told', (subject) => told(subject, ({ intervalMs }) => intervalMs)],
  ['funding: cap told', (subject) => told(subject, ({ cap }) => cap)],
  ['funding history, rows a page', (subject) => rowsIn([fundingHistory(subject)])],
  ['order history, rows a page', (subject) => rowsIn(ofScope(subject, 'orderHistory'))],
  ['fills, rows a page', (subject) => rowsIn(ofScope(subject, 'fills'))],
  ['key and modes read by `farb doctor`', ({ spec }) => yes(accountReaderOf(spec.id) !== null)],
  ['signed orders valid for', ({ spec }) => `${spec.orderValidityMs / 1_000} s`],
  ['passphrase', ({ spec }) => yes(spec.needsPassphrase)],
];

export function capabilityMatrix(subjects: readonly ConformanceSubject[]): string {
  const names = subjects.map(({ spec }) => `[${spec.name}](${spec.id}.md)`);
  return [
    `| | ${names.join(' | ')} |`,
    `|---|${subjects.map(() => '---|').join('')}`,
    ...rows.map(([name, cell]) => `| ${name} | ${subjects.map(cell).join(' | ')} |`),
    '',
  ].join('\n');
}

function yes(is: boolean): string {
  return is ? 'yes' : 'no';
}

function tries(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function listedKinds(subject: ConformanceSubject): readonly string[] {
  const found = new Set(
    subject
      .catalog()
      .all()
      .map(({ kind }) => kind),
  );
  return kinds.filter((kind) => found.has(kind));
}

function perpOf(subject: ConformanceSubject) {
  const perp = subject
    .catalog()
    .all()
    .find(({ kind }) => kind === 'linear-perp');
  if (perp === undefined) throw new Error(`${subject.spec.id}: no perpetual among the samples`);
  return perp;
}

function order(subject: ConformanceSubject, change: Parameters<typeof draftOf>[1]): HttpRequest {
  const perp = perpOf(subject);
  return subject.spec.requests.place(draftOf(perp, change), perp);
}

function places(subject: ConformanceSubject, timeInForce: TimeInForce): boolean {
  return tries(() => order(subject, { timeInForce }));
}

function isReduceOnlySent(subject: ConformanceSubject): boolean {
  return subject.sentOrder(order(subject, { reduceOnly: true, side: 'sell' })).reduceOnly;
}

function scansQuotes({ spec, samples, catalog: make }: ConformanceSubject): boolean {
  const catalog = make();
  return samples.some(({ from, text }) => {
    if (isReply(from)) return false;
    const scanner = spec.quoteScanner(from, catalog);
    const out = new Float64Array(quoteSlots.size);
    return scanBytes(scanner, new TextEncoder().encode(text), out) >= 0;
  });
}

function bookStart(subject: ConformanceSubject): string {
  return subject.spec.requests.depth(perpOf(subject)) === null ? 'the stream' : 'a REST snapshot';
}

function privateStream(subject: ConformanceSubject): string {
  const [stream] = subject.spec.privateStreams([perpOf(subject)]);
  if (stream === undefined) return 'none';
  if (stream.listenKey !== null) return 'listen key';
  return stream.login === null ? 'by address' : 'login';
}

function orderSockets({ spec, catalog }: ConformanceSubject): string {
  const sockets = spec.orderEntry?.sockets(catalog().all()) ?? [];
  if (sockets.length === 0) return 'no';
  return sockets.map(({ market }) => market ?? 'all markets').join(', ');
}

function batches(subject: ConformanceSubject): string {
  const { batches: batch, requests } = subject.spec;
  if (batch === undefined) return 'no';
  const perp = perpOf(subject);
  const places = batch.groupOf(requests.place(draftOf(perp), perp))?.max ?? 1;
  const cancels = batch.groupOf(requests.cancel('x', perp))?.max ?? 1;
  return `place ${places}, cancel ${cancels}`;
}

function deadMan(subject: ConformanceSubject): string {
  const asked = subject.spec.requests.deadMan?.([perpOf(subject)], { timeoutMs: 60_000 }) ?? [];
  const paths = [...new Set(asked.map(({ path }) => `\`${path}\``))];
  return paths.length === 0 ? 'no' : paths.join(', ');
}

function told(
  subject: ConformanceSubject,
  field: (event: FundingRateEvent) => number | null,
): string {
  const events = subject.samples.flatMap((sample) => readSample(subject, sample));
  const rates = events.filter((event) => event.kind === 'funding-rate' && !event.settled);
  const says = rates.some((event) => event.kind === 'funding-rate' && field(event) !== null);
  return says ? 'yes' : 'unknown';
}

/** What bounds a tier: the notional in what the contract settles in, or a quantity. */
function tierUnit(subject: ConformanceSubject): string {
  const events = subject.samples.flatMap((sample) => readSample(subject, sample));
  const units = events.flatMap((event) =>
    event.kind === 'margin-tiers'
      ? [event.table.unit === 'quantity' ? 'contracts' : 'notional']
      : [],
  );
  return [...new Set(units)].join(', ') || 'unknown';
}

function readSample(
  { spec, catalog }: ConformanceSubject,
  { from, text }: ConformanceSubject['samples'][number],
): readonly VenueEvent[] {
  if (isReply(from)) return spec.decodeReply(from, { status: 200, body: text }, catalog());
  return spec.decode(new TextEncoder().encode(text), from, catalog());
}

function fundingHistory(subject: ConformanceSubject): HttpRequest {
  return subject.spec.requests.fundingHistory(perpOf(subject), { fromMs: 1, toMs: 2 });
}

function ofScope(
  subject: ConformanceSubject,
  name: 'orderHistory' | 'fills',
): readonly HttpRequest[] {
  return subject.spec.requests[name]({ instruments: [perpOf(subject)], sinceMs: 1 });
}

function rowsIn(requests: readonly HttpRequest[]): string {
  const limits = requests.map(({ query }) => new URLSearchParams(query).get('limit'));
  const said = [...new Set(limits.filter((limit) => limit !== null))];
  return said.length === 0 ? 'unknown' : said.join(', ');
}
