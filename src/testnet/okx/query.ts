// Query strings and the paging that OKX's listings share: newest first, `after` = older than an id,
// `before` = newer than it, at most 100 rows.

export type Query = ReadonlyMap<string, string>;

export function parseQuery(text: string): Query {
  const query = new Map<string, string>();
  for (const part of text.split('&')) {
    const at = part.indexOf('=');
    if (at > 0) query.set(part.slice(0, at), decoded(part.slice(at + 1)));
  }
  return query;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Undefined where it is absent, empty or no number. */
export function numberOf(query: Query, key: string): number | undefined {
  const text = query.get(key);
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  return Number(text);
}

/** The values of `a,b,c`; null when the parameter is absent. */
export function listIn(query: Query, key: string): readonly string[] | null {
  const text = query.get(key);
  return text === undefined || text === '' ? null : text.split(',');
}

/** One page of entries that are sorted oldest first. */
export function pageOf<T>(
  entries: readonly T[],
  query: Query,
  options: { readonly cursor: (entry: T) => number; readonly rowsMax: number },
): readonly T[] {
  const after = numberOf(query, 'after');
  const before = numberOf(query, 'before');
  const limit = Math.min(numberOf(query, 'limit') ?? options.rowsMax, options.rowsMax);
  const page: T[] = [];
  for (let k = entries.length - 1; k >= 0 && page.length < limit; k--) {
    const entry = entries[k] as T; // k is an index of it
    const cursor = options.cursor(entry);
    if (after !== undefined && cursor >= after) continue;
    if (before !== undefined && cursor <= before) continue;
    page.push(entry);
  }
  return page;
}

/** The range of `begin` and `end`, both inclusive. */
export function rangeOf(query: Query): { readonly fromMs?: number; readonly toMs?: number } {
  const fromMs = numberOf(query, 'begin');
  const toMs = numberOf(query, 'end');
  return {
    ...(fromMs === undefined ? {} : { fromMs }),
    ...(toMs === undefined ? {} : { toMs }),
  };
}
