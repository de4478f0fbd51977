// Every host of every venue stands in docs/configuration.md, and can be overridden by its name.
// FARB_UPDATE_DOCS=1 writes the table anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { venueSetups } from '../../src/app/compose.ts';
import { exchangesSchema } from '../../src/app/config-schema.ts';
import type { Endpoints } from '../../src/domain/venue-spec.ts';
import { venues } from '../../src/venues/registry.ts';
import { section, withSection } from './venue-docs.ts';

const url = new URL('../../docs/configuration.md', import.meta.url);

function endpointTable(): string {
  const rows = venues.flatMap(({ id, endpoints }) =>
    Object.entries(endpoints).map(([profile, each]) => {
      const headers = Object.entries(each.headers ?? {}).map(([name, value]) => {
        return `header \`${name}: ${value}\``;
      });
      return `| \`${id}\` | \`${profile}\` | ${[...hostsOf(each), ...headers].join('<br>')} |`;
    }),
  );
  return ['| venue | profile | hosts |', '|---|---|---|', ...rows, ''].join('\n');
}

/** Names of one address share a line. */
function hostsOf(endpoints: Endpoints): readonly string[] {
  const names = new Map<string, string[]>();
  for (const kind of ['http', 'ws'] as const) {
    for (const [name, base] of Object.entries(endpoints[kind])) {
      names.set(base, [...(names.get(base) ?? []), `\`${kind}.${name}\``]);
    }
  }
  return [...names].map(([base, list]) => `${list.join(', ')} ${base}`);
}

function setupOf(id: string, venue: object) {
  const exchanges = exchangesSchema.parse({
    symbols: ['BTC'],
    venues: { [id]: { key: 'k', secret: 's', passphrase: 'p', ...venue } },
  });
  return venueSetups({ dir: 'config', exchanges }, null)[0];
}

describe('endpoints', () => {
  it('stand in docs/configuration.md, all of them', () => {
    const table = endpointTable();
    if (process.env['FARB_UPDATE_DOCS'] === '1') {
      const doc = readFileSync(url, 'utf8');
      writeFileSync(url, withSection(doc, 'endpoints', table));
    }
    expect(section(readFileSync(url, 'utf8'), 'endpoints')).toBe(table);
  });

  const all = venues.flatMap(({ id, endpoints }) =>
    Object.entries(endpoints).map(([profile, each]) => [id, profile, each] as const),
  );
  it.each(all)(
    '%s, %s: chosen by the profile, every host overridden by its name',
    (id, profile, each) => {
      expect(setupOf(id, { profile })?.endpoints).toEqual(each);
      for (const kind of ['http', 'ws'] as const) {
        for (const name of Object.keys(each[kind])) {
          const own = kind === 'http' ? 'https://own.example' : 'wss://own.example';
          const { endpoints } =
            setupOf(id, { profile, endpoints: { [kind]: { [name]: own } } }) ?? {};
          expect(endpoints).toEqual({ ...each, [kind]: { ...each[kind], [name]: own } });
        }
      }
    },
  );

  it('a host of no such name is refused with those that there are', () => {
    const wrong = () => setupOf('okx', { endpoints: { ws: { pubic: 'wss://own.example' } } });
    expect(wrong).toThrow(/venues\.okx\.endpoints\.ws\.pubic.*public, private, trade/);
  });
});
