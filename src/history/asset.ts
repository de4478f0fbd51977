// Which asset a venue's symbol trades, for grouping venues that we know nothing else of: by the way
// symbols are written. Never for trading: there the instrument says it.

/** Quotes at the end of a symbol; BUSD and TUSD are not told from BNB-USD and DOT-USD. */
const quotes = ['USDT', 'USDC', 'FDUSD', 'USD', 'EUR'] as const;
const suffixes = /[-_](?:SWAP|PERP|PERPETUAL)$/;

/**
 * "BTC" of BTCUSDT, BTC-USDT-SWAP, BTC_USDT, BTCUSD_PERP, BTCPERP, PF_XBTUSD, BTC-USD and BTC; PEPE
 * of 1000PEPEUSDT and kPEPE.
 */
export function assetOf(symbol: string): string {
  const plain = symbol.replace(/^k(?=[A-Z])/, '1000').toUpperCase();
  const contract = plain.replace(/^(?:PF|PI|FI)_/, '').replace(suffixes, '');
  const [base = '', rest] = contract.split(/[-_/:]/, 2);
  const asset = rest === undefined ? withoutQuote(base) : base;
  const single = asset.replace(/^10{3,6}(?=[A-Z])/, '');
  return single === 'XBT' ? 'BTC' : single;
}

/** BTCUSDT -> BTC; a symbol that is nothing but a quote stays. */
function withoutQuote(text: string): string {
  const perp = text.replace(/(?<=.)PERP$/, '');
  if (perp !== text) return perp;
  const quote = quotes.find((end) => text.endsWith(end) && text.length > end.length);
  return quote === undefined ? text : text.slice(0, -quote.length);
}
