// Parameters of a request: of a query string or a JSON body, as text. An empty value is none.

export class Params {
  private readonly values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values;
  }

  /** `undefined` where it is absent or empty. */
  get(name: string): string | undefined {
    const value = this.values.get(name);
    return value === '' ? undefined : value;
  }

  /** A whole number; undefined for anything else. */
  integer(name: string): number | undefined {
    const value = this.get(name);
    return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  }
}

export function paramsOfQuery(query: string): Params {
  const values = new Map<string, string>();
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=');
    if (at > 0) values.set(decoded(pair.slice(0, at)), decoded(pair.slice(at + 1)));
  }
  return new Params(values);
}

/** Null when the value is no JSON object. */
export function paramsOfObject(value: unknown): Params | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const values = new Map<string, string>();
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'string') values.set(name, field);
    else if (typeof field === 'number' || typeof field === 'boolean') {
      values.set(name, String(field));
    }
  }
  return new Params(values);
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
