// The error codes of the protocol sheet with the reaction that each has there. Written from the
// sheet, not from the adapters: a code that an adapter forgets or reads otherwise fails here.
import type { ErrorCode, Reaction } from '../../src/domain/venue-event.ts';
import type { ErrorCase } from '../../src/testing/subject.ts';

function cases(
  codes: string,
  errorCode: ErrorCode,
  reaction: Reaction,
  message?: string,
): readonly ErrorCase[] {
  const said = message === undefined ? {} : { message };
  return codes.split(' ').map((code) => ({ code, errorCode, reaction, ...said }));
}

export const binanceErrors: readonly ErrorCase[] = [
  ...cases('-1021', 'TRANSIENT', 'resync-clock'),
  ...cases('-1022 -2015', 'AUTH', 'stop'),
  ...cases('-1003 -1008 -1015', 'RATE_LIMITED', 'back-off'),
  ...cases('-1006 -1007', 'UNKNOWN_OUTCOME', 'query'),
  ...cases('-1111', 'REJECTED', 'reload-instruments'),
  ...cases('-1013', 'REJECTED', 'reload-instruments', 'Filter failure: LOT_SIZE'),
  ...cases('-2010', 'REJECTED', 're-price', 'Order would immediately match and take.'),
  ...cases('-2010', 'REJECTED', 'funds', 'Account has insufficient balance for requested action.'),
  ...cases('-2010', 'UNKNOWN_OUTCOME', 'query', 'Duplicate order sent.'),
  ...cases('-5022', 'REJECTED', 're-price'),
  ...cases('-5021', 'REJECTED', 'not-filled'),
  ...cases('-2011 -2013', 'REJECTED', 'reconcile'),
  ...cases('-2018 -2019 -2027', 'REJECTED', 'funds'),
  ...cases('-2022', 'REJECTED', 'refresh-position'),
  ...cases('-4061', 'REJECTED', 'fix-position-mode'),
  ...cases('-4116', 'UNKNOWN_OUTCOME', 'query'),
  ...cases('-4164', 'REJECTED', 'below-minimum'),
  ...cases('-4046 -4059', 'REJECTED', 'unchanged'),
  // A conditional type on the old path: our own mistake, for a person.
  ...cases('-4120', 'REJECTED', 'report'),
  // The listen key is gone: a new one, and a new connection.
  ...cases('-1125', 'TRANSIENT', 'login'),
];

export const okxErrors: readonly ErrorCase[] = [
  ...cases('50001 50005 50013 50026', 'TRANSIENT', 'retry'),
  ...cases('50004', 'UNKNOWN_OUTCOME', 'query'),
  ...cases('50011 50061 60014', 'RATE_LIMITED', 'back-off'),
  ...cases('50102 60006', 'TRANSIENT', 'resync-clock'),
  ...cases('51008 51119 51127 51131', 'REJECTED', 'funds'),
  ...cases('51006', 'REJECTED', 'price-band'),
  ...cases('51020', 'REJECTED', 'below-minimum'),
  ...cases('51121', 'REJECTED', 'reload-instruments'),
  ...cases('51028 51029 51030', 'REJECTED', 'settlement-retry'),
  ...cases('51016', 'REJECTED', 'query'),
  ...cases('51400 51401 51402 51603', 'REJECTED', 'reconcile'),
  ...cases('51155', 'REJECTED', 'restricted'),
  ...cases('60011', 'AUTH', 'login'),
  ...cases('60018', 'BAD_PAYLOAD', 'report'),
  ...cases('60032', 'AUTH', 'stop'),
];

export const bybitErrors: readonly ErrorCase[] = [
  ...cases('10002', 'TRANSIENT', 'resync-clock'),
  ...cases('10003 10004 10005 33004', 'AUTH', 'stop'),
  ...cases('10006 10429 429', 'RATE_LIMITED', 'back-off'),
  // 10016 is a server error, not a rate limit.
  ...cases('10000 10016 170007 170146', 'UNKNOWN_OUTCOME', 'query'),
  ...cases('10019', 'MAINTENANCE', 'retry'),
  ...cases('110001 110008 110010 170213', 'REJECTED', 'reconcile'),
  ...cases('110003 170193 170194', 'REJECTED', 'price-band'),
  ...cases('110004 110007 110012 170131', 'REJECTED', 'funds'),
  ...cases('110017', 'REJECTED', 'refresh-position'),
  ...cases('110063', 'TRANSIENT', 'settlement-retry'),
  ...cases('110079', 'TRANSIENT', 'retry'),
  ...cases('110094 170140', 'REJECTED', 'below-minimum'),
  ...cases('110025 110026 110043', 'REJECTED', 'unchanged'),
  // One code for every wrong parameter: the words tell filters and modes from mistakes.
  ...cases('10001', 'BAD_PAYLOAD', 'report'),
  ...cases('10001', 'REJECTED', 'reload-instruments', 'Qty invalid'),
  ...cases('10001', 'REJECTED', 'reload-instruments', 'params error: price invalid'),
  ...cases(
    ...(['10001', 'REJECTED', 'below-minimum'] as const),
    'The number of contracts exceeds minimum limit allowed',
  ),
  ...cases(
    ...(['10001', 'REJECTED', 'fix-position-mode'] as const),
    'position idx not match position mode',
  ),
  ...cases('110072 170141', 'REJECTED', 'query'),
];
