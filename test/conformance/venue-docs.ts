// The parts of docs/venues/*.md that are made from code: what an adapter serves, and its error
// codes with their reactions. docs.test.ts compares them; FARB_UPDATE_DOCS=1 writes them anew.
import type { Instrument, Market } from '../../src/domain/instrument.ts';
import type { ErrorCode, Reaction } from '../../src/domain/venue-event.ts';
import type { HttpRequest, VenueSpec } from '../../src/domain/venue-spec.ts';
import { draftOf } from '../../src/testing/drafts.ts';

export interface Meaning {
  readonly code: ErrorCode;
  readonly reaction: Reaction;
}

/** Text between `<!-- name -->` and `<!-- end of name -->`. */
export function section(doc: string, name: string): string {
  const [, after = ''] = doc.split(`<!-- ${name} -->\n`);
  return after.split(`<!-- end of ${name} -->`)[0] ?? '';
}

export function withSection(doc: string, name: string, text: string): string {
  return doc.replace(
    `<!-- ${name} -->\n${section(doc, name)}<!-- end of ${name} -->`,
    `<!-- ${name} -->\n${text}<!-- end of ${name} -->`,
  );
}

const does: Readonly<Record<Reaction, string>> = {
  'resync-clock': 'measure the clock again; an order is sent once more',
  stop: 'stop: the key, the signature or the address is wrong',
  'back-off': 'wait as told; entries are refused meanwhile',
  query: 'the outcome is open: query by client id, never resend',
  'reload-instruments': 'rejected; the listing is read again',
  're-price': 'rejected: post-only would have taken',
  'not-filled': 'rejected: it could not fill as asked',
  reconcile: 'no such order: compare before believing it gone',
  funds: 'rejected: no margin or balance; the leg is not tried again',
  'refresh-position': 'rejected: the position is another than believed',
  'fix-position-mode': 'rejected: one-way mode is needed',
  'below-minimum': 'rejected: below the least quantity or notional',
  retry: 'nothing was done; try again',
  'settlement-retry': 'funding is being settled; try again shortly',
  'price-band': 'rejected: the price is outside the band',
  restricted: 'rejected: this account may not do that here',
  unchanged: 'success: it is so already',
  login: 'log in again on a new connection',
  report: 'rejected; a person should look',
};

/** One line per class and reaction, the codes in order. */
export function errorTable(codes: readonly string[], meaning: (code: string) => Meaning): string {
  const rows = new Map<string, string[]>();
  for (const code of codes) {
    const { code: errorCode, reaction } = meaning(code);
    const key = `${errorCode} | ${reaction} | ${does[reaction]}`;
    rows.set(key, [...(rows.get(key) ?? []), code]);
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, list]) => {
      const sorted = [...new Set(list)].sort((a, b) => Number(b) - Number(a) || (a < b ? -1 : 1));
      return `| ${key} | ${sorted.reverse().join(' ')} |`;
    });
  return [
    '| class | reaction | what the system does | codes |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

const markets: readonly Market[] = ['spot', 'linear', 'inverse'];

/** What the adapter asks and listens to, for a linear and an inverse perpetual and a spot pair. */
export function capabilityTable(
  spec: VenueSpec,
  traded: {
    readonly perp: Instrument;
    readonly spot: Instrument;
    readonly inverse: Instrument;
  },
): string {
  const { requests } = spec;
  const { perp, spot, inverse } = traded;
  const all = [perp, spot, inverse];
  const scope = { instruments: all, sinceMs: 1 };
  const paths = (list: readonly (HttpRequest | null)[]): string => {
    const lines = list.flatMap((request) =>
      request === null ? [] : [`\`${request.method} ${request.path}\``],
    );
    return lines.length === 0 ? 'from the stream' : [...new Set(lines)].join('<br>');
  };
  const streams = [...spec.publicStreams(all, { depth: true }), ...spec.privateStreams(all)];
  const rows: readonly (readonly [string, string])[] = [
    ['environments', Object.keys(spec.endpoints).join(', ')],
    ['instruments', paths(requests.instruments(markets))],
    ['quotes (audit)', paths(requests.quotes(all))],
    ['book snapshot', paths(all.map((of) => requests.depth(of)))],
    ['funding: next rate, time, interval', paths(requests.fundingRates(all))],
    [
      'funding history',
      paths([perp, inverse].map((of) => requests.fundingHistory(of, { fromMs: 1, toMs: 2 }))),
    ],
    ['fees', paths(requests.feeRates(all))],
    ['set-up', paths(requests.setup(all, { leverage: 1 }))],
    ['place', paths(all.map((of) => requests.place(draftOf(of), of)))],
    ['cancel', paths(all.map((of) => requests.cancel('x', of)))],
    ['orders over WebSocket', socketsOf(spec, all)],
    ['several in one request', batchesOf(spec, all)],
    ['query one order', paths(all.flatMap((of) => requests.queryOrder('x', of)))],
    ['open orders', paths(requests.openOrders(all))],
    ['order history', paths(requests.orderHistory(scope))],
    ['fills', paths(requests.fills(scope))],
    ['balances', paths(requests.balances(markets))],
    ['positions', paths(requests.positions(all))],
    ['funding payments', paths(requests.fundingPayments(scope))],
    ['account check', paths(requests.accountConfig())],
    ['server time', paths([requests.serverTime()])],
    ...streams.map((stream): readonly [string, string] => [
      `stream ${stream.name}`,
      `\`${stream.host}\` \`${stream.path}\`${stream.login === null ? '' : ', login'}` +
        `${stream.listenKey === null ? '' : ', listen key'}, ` +
        (stream.heartbeat === null
          ? 'the server pings'
          : `ping every ${stream.heartbeat.everyMs / 1_000} s`) +
        `, dead after ${stream.silenceMsMax / 1_000} s`,
    ]),
    ['signed orders are valid for', `${spec.orderValidityMs / 1_000} s`],
    ['rate limits', limitsOf(spec)],
  ];
  return ['| | |', '|---|---|', ...rows.map(([name, text]) => `| ${name} | ${text} |`), ''].join(
    '\n',
  );
}

function batchesOf(spec: VenueSpec, instruments: readonly Instrument[]): string {
  const { batches, requests } = spec;
  if (batches === undefined) return 'none';
  const lines = instruments.flatMap((of) =>
    [requests.place(draftOf(of), of), requests.cancel('x', of)].flatMap((request) => {
      const group = batches.groupOf(request);
      if (group === null) return [];
      const { method, path } = batches.join([request, request]);
      return [`\`${method} ${path}\` up to ${group.max}`];
    }),
  );
  return [...new Set(lines)].join('<br>');
}

function socketsOf({ orderEntry }: VenueSpec, instruments: readonly Instrument[]): string {
  const sockets = orderEntry?.sockets(instruments) ?? [];
  if (sockets.length === 0) return 'none';
  return sockets
    .map(({ name, host, path, login }) => {
      return `${name}: \`${host}\` \`${path}\`${login === null ? '' : ', login'}`;
    })
    .join('<br>');
}

function limitsOf(spec: VenueSpec): string {
  return Object.entries(spec.rateLimits.buckets)
    .map(([name, { capacity, intervalMs }]) => `${name} ${capacity} / ${intervalMs / 1_000} s`)
    .join('<br>');
}
