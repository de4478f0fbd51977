// Laws of decoded events: what a well-formed event is, and that every figure and id in it stands in
// the payload, exactly, after the conversion of units and nothing else.
import {
  type Decimal,
  decimal,
  formatDecimal,
  negate,
  one,
  over,
  plus,
  times,
  toNumber,
  tryDecimal,
} from '../base/decimal.ts';
import type { Catalog } from '../domain/instrument.ts';
import { sizeUnbounded } from '../domain/margin.ts';
import { errorCodes, reactions, type VenueEvent } from '../domain/venue-event.ts';

type Fields = Readonly<Record<string, unknown>>;

const statuses = 'pending open cancel-pending unknown filled canceled rejected expired'.split(' ');
const kinds = (
  'quote depth mark-price funding-rate trade instrument fee-rate order fill balance position ' +
  'funding-payment margin-tiers borrow-rate error control unrecognized'
).split(' ');

/** What is wrong with the form of an event; empty when nothing is. */
export function malformed(event: VenueEvent, venue: string): readonly string[] {
  const fields = event as unknown as Fields; // read by name
  const wrong: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(`${event.kind}: ${what}`);
  };
  check(kinds.includes(event.kind), 'unknown kind');
  check(event.venue === venue, `venue ${event.venue}`);
  for (const [name, value] of Object.entries(fields)) {
    check(value !== undefined, `${name} is undefined`);
    if (typeof value === 'number') check(Number.isFinite(value), `${name} is ${value}`);
  }
  if (event.venueTsMs !== null) check(isTime(event.venueTsMs), `venueTsMs ${event.venueTsMs}`);
  switch (event.kind) {
    case 'quote':
      for (const name of ['bid', 'ask'] as const) check(event[name] !== 0, `${name} is 0`);
      break;
    case 'depth':
      for (const [price, qty] of [...event.bids, ...event.asks]) {
        check(Number.isFinite(price) && price > 0, `level at ${price}`);
        check(Number.isFinite(qty) && qty >= 0, `level of ${qty}`);
      }
      break;
    case 'mark-price':
      check(event.mark !== 0 && event.index !== 0, 'a price of 0');
      break;
    case 'funding-rate':
      check(event.intervalMs === null || event.intervalMs > 0, `interval ${event.intervalMs}`);
      check(event.settlesAtMs === null || isTime(event.settlesAtMs), 'no time');
      break;
    case 'order':
      check(statuses.includes(event.status), `status ${event.status}`);
      check(event.side === 'buy' || event.side === 'sell', `side ${event.side}`);
      check(event.qty >= 0n && event.filledQty >= 0n, 'a negative quantity');
      break;
    case 'fill':
      check(event.qty > 0n && event.price > 0n, 'no quantity or price');
      check(event.fillId !== '', 'no id');
      break;
    case 'margin-tiers': {
      let below = 0n as bigint;
      for (const { sizeMax, leverageMax, maintenanceRate } of event.table.tiers) {
        check(sizeMax > below && leverageMax >= 1, `tier to ${sizeMax} at ${leverageMax}`);
        check(maintenanceRate > 0n && maintenanceRate <= one, `rate ${maintenanceRate}`);
        below = sizeMax;
      }
      check(event.table.tiers.length > 0, 'no tier');
      break;
    }
    case 'borrow-rate':
      check(event.ratePerHour >= 0 && event.asset !== '', `${event.asset} ${event.ratePerHour}`);
      break;
    case 'error':
      check(errorCodes.includes(event.code), `code ${event.code}`);
      check(reactions.includes(event.reaction), `reaction ${event.reaction}`);
      break;
    default:
  }
  return wrong;
}

function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms > 0 && ms < 253_402_300_800_000;
}

const token = /"((?:[^"\\]|\\.)*)"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Every decimal that a payload prints, as text or as a number. */
export function literalsOf(text: string): readonly Decimal[] {
  const found = new Set<Decimal>();
  for (const match of text.matchAll(token)) {
    const value = tryDecimal(match[1] ?? match[0]);
    if (value !== null) found.add(value);
  }
  return [...found];
}

/** The same as doubles, also where a decimal has more places than money has. */
function numbersOf(text: string): ReadonlySet<number> {
  const found = new Set<number>();
  for (const match of text.matchAll(token)) {
    const value = Number(match[1] ?? match[0]);
    if (Number.isFinite(value)) found.add(value);
  }
  return found;
}

const multipliers = ['1', '1000', '10000', '100000', '1000000'].map(decimal);

/** Fields of an event whose value the payload does not say; empty when it says all. */
export function unfounded(event: VenueEvent, text: string, catalog: Catalog): readonly string[] {
  const literals = literalsOf(text);
  const spec = event.kind === 'instrument' ? event.spec : null;
  const known = spec ?? (event.instrument === null ? null : catalog.byId(event.instrument));
  const qtyUnits = known ? [known.qtyUnit] : multipliers;
  const priceUnits = known ? [known.priceUnit] : multipliers;
  const is = (value: Decimal, candidates: Iterable<Decimal>): boolean => {
    for (const candidate of candidates) {
      if (value === candidate || value === negate(candidate)) return true;
    }
    return false;
  };
  function* quantities(): Iterable<Decimal> {
    for (const literal of literals) for (const unit of qtyUnits) yield times(literal, unit);
  }
  function* prices(): Iterable<Decimal> {
    for (const literal of literals) for (const unit of priceUnits) yield over(literal, unit);
  }
  function* ratios(): Iterable<Decimal> {
    yield* prices();
    for (const a of literals) {
      for (const b of literals) {
        if (b === 0n) continue;
        for (const unit of priceUnits) yield over(over(a, b), unit);
      }
    }
  }
  function* sums(): Iterable<Decimal> {
    yield* literals;
    for (const a of literals) for (const b of literals) yield plus(a, b);
  }
  function* products(): Iterable<Decimal> {
    yield one;
    yield* multipliers;
    yield* literals;
    for (const a of literals) for (const b of literals) yield times(a, b);
  }
  const rules: Readonly<Record<string, () => Iterable<Decimal>>> = {
    qty: quantities,
    filledQty: quantities,
    price: prices,
    limit: prices,
    mark: prices,
    entryPrice: prices,
    averagePrice: ratios,
    fee: () => literals,
    amount: () => literals,
    realizedPnl: () => literals,
    available: () => literals,
    total: sums,
  };
  const wrong: string[] = [];
  const fields = event as unknown as Fields; // read by name
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== 'bigint' || value === 0n) continue; // zero has a law of its own
    const rule = rules[name];
    if (rule === undefined || !is(value as Decimal, rule())) wrong.push(`${event.kind}.${name}`);
  }
  for (const name of ['tickSize', 'lotSize', 'qtyMin', 'qtyMax', 'notionalMin'] as const) {
    const value = spec?.[name] ?? null;
    if (value === null || value === 0n) continue;
    const rule = name === 'tickSize' ? prices : name === 'notionalMin' ? sums : quantities;
    if (!is(value, rule())) wrong.push(`instrument.${name}`);
  }
  for (const name of ['contractSize', 'qtyUnit', 'priceUnit'] as const) {
    if (spec !== null && !is(spec[name], products())) wrong.push(`instrument.${name}`);
  }
  for (const tier of event.kind === 'margin-tiers' ? event.table.tiers : []) {
    const said = event.kind === 'margin-tiers' && event.table.unit === 'quantity';
    const sizes = said ? quantities() : literals;
    if (tier.sizeMax !== sizeUnbounded && !is(tier.sizeMax, sizes)) {
      wrong.push(`margin-tiers.sizeMax ${formatDecimal(tier.sizeMax)}`);
    }
  }
  wrong.push(...unfoundedNumbers(event, text, { qtyUnits, priceUnits }));
  wrong.push(...unfoundedIds(event, text));
  return wrong;
}

interface Units {
  readonly qtyUnits: readonly Decimal[];
  readonly priceUnits: readonly Decimal[];
}

/**
 * Market data is `number`. A price is the double next to the exact value, or a limit that is made
 * of it misses its tick; a quantity may differ in its last places.
 */
function unfoundedNumbers(
  event: VenueEvent,
  text: string,
  { qtyUnits, priceUnits }: Units,
): readonly string[] {
  const literals = literalsOf(text);
  const plain = numbersOf(text);
  const qtys = new Set<number>();
  const prices = new Set<number>(plain);
  for (const value of plain) for (const unit of qtyUnits) qtys.add(value * toNumber(unit));
  for (const literal of literals) {
    for (const unit of priceUnits) prices.add(toNumber(over(literal, unit)));
  }
  for (const value of plain) {
    // The same without the bound of 18 places.
    const [mantissa, exponent = '0'] = String(value).split('e');
    for (const unit of priceUnits) {
      const zeros = formatDecimal(unit).length - 1;
      prices.add(Number(`${mantissa}e${Number(exponent) - zeros}`));
    }
  }
  const near = (value: number, among: ReadonlySet<number>): boolean => {
    for (const candidate of among) {
      if (Math.abs(value - Math.abs(candidate)) <= Math.abs(candidate) * 1e-12) return true;
    }
    return value === 0;
  };
  const wrong: string[] = [];
  const look = (name: string, value: number | null, among: ReadonlySet<number>): void => {
    if (value === null) return;
    const stands = among === prices ? among.has(value) : near(Math.abs(value), among);
    if (!stands) wrong.push(`${event.kind}.${name} ${value}`);
  };
  switch (event.kind) {
    case 'quote':
      look('bid', event.bid, prices);
      look('ask', event.ask, prices);
      look('bidQty', event.bidQty, qtys);
      look('askQty', event.askQty, qtys);
      break;
    case 'depth':
      for (const [price, qty] of [...event.bids, ...event.asks]) {
        look('price', price, prices);
        look('qty', qty, qtys);
      }
      break;
    case 'mark-price':
      look('mark', event.mark, prices);
      look('index', event.index, prices);
      break;
    case 'trade':
      look('price', event.price, prices);
      look('qty', event.qty, qtys);
      break;
    case 'funding-rate': {
      look('ratePerInterval', event.ratePerInterval, plain);
      look('nextRate', event.nextRate, plain);
      look('cap', event.cap, plain);
      look('floor', event.floor, plain);
      const intervals = new Set<number>();
      for (const a of plain) {
        intervals.add(a * 3_600_000).add(a * 60_000);
        for (const b of plain)
          intervals.add(Math.round((a - b) / 3_600_000) * 3_600_000).add(a - b);
      }
      look('intervalMs', event.intervalMs, intervals);
      look('settlesAtMs', event.settlesAtMs, plain);
      break;
    }
    case 'margin-tiers':
      for (const { leverageMax } of event.table.tiers) look('leverageMax', leverageMax, plain);
      break;
    case 'borrow-rate':
      look('ratePerHour', event.ratePerHour, plain);
      break;
    case 'position':
      look('markPrice', event.markPrice, prices);
      look('liquidationPrice', event.liquidationPrice, prices);
      look('leverage', event.leverage, plain);
      break;
    default:
  }
  return wrong;
}

/** Ids and sequence numbers are cut from the text; a double would have rounded them. */
function unfoundedIds(event: VenueEvent, text: string): readonly string[] {
  const fields = event as unknown as Fields; // read by name
  const wrong: string[] = [];
  const names = [
    'seq',
    'prevSeq',
    'firstSeq',
    'fillId',
    'venueOrderId',
    'clientOrderId',
    'tradeId',
  ];
  if (event.kind === 'funding-payment') names.push('id');
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    const printed = JSON.stringify(value).slice(1, -1);
    if (!text.includes(printed) && !text.includes(value))
      wrong.push(`${event.kind}.${name} ${value}`);
  }
  return wrong;
}

/** Zeros of an event, as `kind.field`: levels count as `depth.price` and `depth.qty`. */
export function zerosOf(events: readonly VenueEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const event of events) {
    const flat = event.kind === 'instrument' ? { ...event.spec } : event;
    for (const [name, value] of Object.entries(flat)) {
      if (value === 0 || value === 0n) add(`${event.kind}.${name}`);
    }
    if (event.kind !== 'depth') continue;
    for (const [price, qty] of [...event.bids, ...event.asks]) {
      if (price === 0) add('depth.price');
      if (qty === 0) add('depth.qty');
    }
  }
  return counts;
}
