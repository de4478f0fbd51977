// Thrown ccxt errors by their real classes: refused, refused for a reason, or open.
import ccxt from 'ccxt';
import { describe, expect, it } from 'vitest';
import { classNamesOf, errorEventOf, meaningOf, meanings, textOf, Unanswered } from './errors.ts';
import { profileOf } from './profiles.ts';

const { refusals } = profileOf('binance');

describe('errors of ccxt', () => {
  it.each([
    [new ccxt.InsufficientFunds('no'), 'REJECTED', 'funds'],
    [new ccxt.InvalidOrder('price off tick'), 'REJECTED', 'reload-instruments'],
    [new ccxt.OrderImmediatelyFillable('x'), 'REJECTED', 're-price'],
    [new ccxt.OrderNotFound('x'), 'REJECTED', 'reconcile'],
    [new ccxt.MarginModeAlreadySet('x'), 'REJECTED', 'unchanged'],
    [new ccxt.BadSymbol('x'), 'REJECTED', 'reload-instruments'],
    [new ccxt.PermissionDenied('x'), 'AUTH', 'stop'],
    [new ccxt.AccountSuspended('x'), 'AUTH', 'stop'],
    [new ccxt.RateLimitExceeded('x'), 'RATE_LIMITED', 'back-off'],
    [new ccxt.InvalidNonce('x'), 'REJECTED', 'resync-clock'],
    [new ccxt.RequestTimeout('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.NetworkError('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.ExchangeNotAvailable('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.DDoSProtection('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.OnMaintenance('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.BadResponse('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.DuplicateOrderId('x'), 'UNKNOWN_OUTCOME', 'query'],
    [new ccxt.ExchangeError('a code that ccxt does not know'), 'UNKNOWN_OUTCOME', 'query'],
    [new Unanswered('no answer within 3000 ms'), 'UNKNOWN_OUTCOME', 'query'],
    [new TypeError('inside ccxt'), 'UNKNOWN_OUTCOME', 'query'],
    ['a text', 'UNKNOWN_OUTCOME', 'query'],
  ])('%s is %s: %s', (thrown, code, reaction) => {
    expect(meaningOf(thrown)).toEqual({ code, reaction });
  });

  it.each([
    'bybit {"retCode":170146,"retMsg":"Order creation timeout"}',
    'bybit {"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}',
    'okx {"sCode":"51016","sMsg":"Client order ID already exists."}',
  ])('what ccxt calls an invalid order and is open stays open: %s', (message) => {
    expect(meaningOf(new ccxt.InvalidOrder(message)).code).toBe('UNKNOWN_OUTCOME');
  });

  it.each([
    ['-2019', 'REJECTED', 'funds'],
    ['-2022', 'REJECTED', 'refresh-position'],
    ['-4164', 'REJECTED', 'below-minimum'],
    ['-1111', 'REJECTED', 'reload-instruments'],
    ['-1006', 'UNKNOWN_OUTCOME', 'query'],
    ['-1007', 'UNKNOWN_OUTCOME', 'query'],
    ['-4116', 'UNKNOWN_OUTCOME', 'query'],
  ])('Binance %s under a plain ExchangeError is %s: %s', (code, meant, reaction) => {
    const thrown = new ccxt.ExchangeError(`binance {"code":${code},"msg":"..."}`);
    expect(meaningOf(thrown, refusals)).toEqual({ code: meant, reaction });
  });

  it('every class that ccxt can throw has a meaning', () => {
    type ErrorClass = new (message: string) => Error;
    const classes = Object.values<unknown>({ ...ccxt }).filter(
      (one): one is ErrorClass =>
        typeof one === 'function' && one.prototype instanceof ccxt.BaseError,
    );
    expect(classes.length).toBeGreaterThan(30);
    for (const type of classes) {
      const names = classNamesOf(new type('x'));
      const isOpen = meaningOf(new type('x')).code === 'UNKNOWN_OUTCOME';
      expect(isOpen || names.some((name) => name in meanings), names.join()).toBe(true);
    }
  });

  it('tells no query of a URL: it holds the signature', () => {
    const thrown = new ccxt.RequestTimeout(
      'binance GET https://fapi.example.com/fapi/v1/order?symbol=X&signature=abc timed out',
    );
    expect(textOf(thrown)).toBe('binance GET https://fapi.example.com/fapi/v1/order?... timed out');
    expect(errorEventOf('b', thrown, { clientOrderId: 'c1' })).toMatchObject({
      ...{ venue: 'b', venueCode: 'RequestTimeout', clientOrderId: 'c1' },
    });
  });
});
