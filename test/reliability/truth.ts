// What the venues themselves hold, read over their own REST with third-party clients: an oracle
// that shares no code with the system. Exact quantities in our units.
import { MainClient, USDMClient } from 'binance';
import { RestClientV5 } from 'bybit-api';
import { RestClient } from 'okx-api';
import type { TestnetFile } from '../../src/app/testnet-file.ts';
import { type Decimal, decimal, plus } from '../../src/base/decimal.ts';
import { type Instrument, type InstrumentId, qtyFromVenue } from '../../src/domain/instrument.ts';

export interface Truth {
  /** Perpetuals alone; flat ones are absent. */
  readonly positions: ReadonlyMap<InstrumentId, Decimal>;
  /** By `wallet|asset`; zero is absent. */
  readonly balances: ReadonlyMap<string, Decimal>;
  /** Client ids of what rests. */
  readonly openOrders: readonly string[];
}

export interface VenueReader {
  readonly venue: string;
  account(): Promise<Truth>;
  /** Client ids of every order that the venue remembers; one entry an order. */
  orderIds(): Promise<readonly string[]>;
}

type Instruments = readonly Instrument[];
type Row = Readonly<Record<string, unknown>>;
/** Pages of an order history that are read at most. */
const pagesMax = 50;

export function venueReaders(file: TestnetFile, instruments: Instruments): readonly VenueReader[] {
  const makers = { binance: binanceReader, okx: okxReader, bybit: bybitReader };
  return Object.entries(makers)
    .filter(([venue]) => file.venues[venue] !== undefined)
    .map(([venue, make]) =>
      make(
        file,
        instruments.filter((one) => one.venue === venue),
      ),
    );
}

function binanceReader(file: TestnetFile, instruments: Instruments): VenueReader {
  const baseUrl = file.venues['binance']?.http ?? '';
  const options = { api_key: file.key, api_secret: file.secret, baseUrl };
  const usdm = new USDMClient(options, { proxy: false });
  const spot = new MainClient(options, { proxy: false });
  return {
    venue: 'binance',
    async account() {
      const account = new Account(instruments);
      for (const row of rows(await usdm.getPositionsV3())) {
        account.hold(row['symbol'], row['positionAmt']);
      }
      for (const row of rows(await usdm.getBalanceV3())) {
        account.cash('futures', row['asset'], row['balance']);
      }
      for (const row of rows((await spot.getAccountInformation()).balances)) {
        account.cash('spot', row['asset'], row['free']);
        account.cash('spot', row['asset'], row['locked']);
      }
      const open = [await usdm.getAllOpenOrders(), await spot.getOpenOrders()];
      return account.truth(open.flatMap((list) => ids(list, 'clientOrderId')));
    },
    async orderIds() {
      const all: string[] = [];
      for (const { symbol, kind } of instruments) {
        const query = { symbol, limit: 1_000 };
        const list =
          kind === 'spot' ? await spot.getAllOrders(query) : await usdm.getAllOrders(query);
        all.push(...ids(list, 'clientOrderId'));
      }
      return all;
    },
  };
}

function okxReader(file: TestnetFile, instruments: Instruments): VenueReader {
  const { key: apiKey, secret: apiSecret, passphrase: apiPass } = file;
  const baseUrl = file.venues['okx']?.http ?? '';
  const rest = new RestClient({ apiKey, apiSecret, apiPass, baseUrl }, { proxy: false });
  return {
    venue: 'okx',
    async account() {
      const account = new Account(instruments);
      for (const row of rows(await rest.getPositions())) account.hold(row['instId'], row['pos']);
      const [balance] = await rest.getBalance();
      for (const row of rows(balance?.details)) {
        account.cash('unified', row['ccy'], row['cashBal']);
      }
      return account.truth(ids(await rest.getOrderList(), 'clOrdId'));
    },
    async orderIds() {
      const all: string[] = [];
      for (const instType of ['SPOT', 'SWAP'] as const) {
        let after: string | undefined;
        for (let page = 0; page < pagesMax; page++) {
          const query = after === undefined ? { instType } : { instType, after };
          const list = rows(await rest.getOrderHistory(query));
          all.push(...ids(list, 'clOrdId'));
          after = String(list.at(-1)?.['ordId']);
          if (list.length < 100) break;
        }
      }
      return all;
    },
  };
}

function bybitReader(file: TestnetFile, instruments: Instruments): VenueReader {
  const baseUrl = file.venues['bybit']?.http ?? '';
  const rest = new RestClientV5({ key: file.key, secret: file.secret, baseUrl }, { proxy: false });
  const settleCoin = 'USDT';
  return {
    venue: 'bybit',
    async account() {
      const account = new Account(instruments);
      const { result } = await rest.getPositionInfo({ category: 'linear', settleCoin });
      for (const row of rows(result.list)) {
        const sign = row['side'] === 'Sell' ? '-' : '';
        account.hold(row['symbol'], `${sign}${row['size']}`);
      }
      const wallet = await rest.getWalletBalance({ accountType: 'UNIFIED' });
      for (const row of rows(wallet.result.list[0]?.coin)) {
        account.cash('unified', row['coin'], row['walletBalance']);
      }
      const open = [
        await rest.getActiveOrders({ category: 'linear', settleCoin }),
        await rest.getActiveOrders({ category: 'spot' }),
      ];
      return account.truth(open.flatMap((answer) => ids(answer.result.list, 'orderLinkId')));
    },
    async orderIds() {
      const all: string[] = [];
      for (const category of ['linear', 'spot'] as const) {
        let cursor: string | undefined;
        for (let page = 0; page < pagesMax; page++) {
          const query = { category, limit: 50, ...(cursor === undefined ? {} : { cursor }) };
          const { result } = await rest.getHistoricOrders(query);
          all.push(...ids(result.list, 'orderLinkId'));
          cursor = result.nextPageCursor;
          if (cursor === undefined || cursor === '' || rows(result.list).length === 0) break;
        }
      }
      return all;
    },
  };
}

class Account {
  private readonly bySymbol = new Map<string, Instrument>();
  private readonly positions = new Map<InstrumentId, Decimal>();
  private readonly balances = new Map<string, Decimal>();

  constructor(instruments: Instruments) {
    for (const one of instruments) if (one.kind !== 'spot') this.bySymbol.set(one.symbol, one);
  }

  /** A position as the venue counts it: contracts on OKX. */
  hold(symbol: unknown, qty: unknown): void {
    const amount = decimal(String(qty));
    if (amount === 0n) return;
    const instrument = this.bySymbol.get(String(symbol));
    if (instrument === undefined) throw new Error(`a position in ${symbol}: not listed`);
    this.positions.set(instrument.id, qtyFromVenue(instrument, amount));
  }

  cash(wallet: string, asset: unknown, amount: unknown): void {
    const key = `${wallet}|${asset}`;
    const total = plus(this.balances.get(key) ?? decimal('0'), decimal(String(amount)));
    if (total === 0n) this.balances.delete(key);
    else this.balances.set(key, total);
  }

  truth(openOrders: readonly string[]): Truth {
    return { positions: this.positions, balances: this.balances, openOrders };
  }
}

function rows(list: unknown): readonly Row[] {
  return Array.isArray(list) ? list : [];
}

function ids(list: unknown, field: string): readonly string[] {
  return rows(list).map((row) => String(row[field]));
}
