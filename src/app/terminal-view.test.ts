import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixtureTsMs, pair, rate, status } from '../../test/support/status-fixture.ts';
import { renderView, type ViewInput } from './terminal-view.ts';

const hourMs = 3_600_000;
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

function input(overrides: Partial<ViewInput> = {}): ViewInput {
  return {
    status: status(),
    speed: 720,
    labels: [],
    best: [],
    elapsedMs: 31_000,
    forMs: 90_000,
    places: 'http://127.0.0.1:8000/api/status',
    ...overrides,
  };
}

function text(of: ViewInput, columns = 80, rows = 24): string {
  return renderView(of, { columns, rows, colors: false }).join('\n');
}

describe('the terminal view', () => {
  it('tells a newcomer what it watches while nothing is open', () => {
    const shown = text(input());
    expect(shown).toContain('venue time 01-05 08:00 (720x)');
    expect(shown).toContain('31s of 1m 30s');
    expect(shown).toContain('Watching 5 funding rates on 3 venues');
    expect(shown).toContain('profit +12.50 USD = funding +14.20 basis -0.50 fees -1.20');
  });

  it('shows an open pair with both legs, its carry and the funding received', () => {
    const shown = text(input({ status: status({ pairs: [pair()] }) }));
    expect(shown).toContain('PEPE, long on bybit, short on binance, earns +4.248% a day');
    expect(shown).toMatch(
      /PEPE long bybit short binance\s+open\s+3,985\s+\+4\.248%\s+\+6\.99\s+2h/,
    );
  });

  it('ranks held assets first, then the widest spread, and counts down to the settlement', () => {
    const rates = [
      rate('binance:AAA-USDT-PERP', 0.0001, 8),
      rate('okx:AAA-USDT-PERP', 0.0009, 8),
      rate('binance:PEPE-USDT-PERP', 0.0001, 8),
      rate('okx:PEPE-USDT-PERP', 0.0001, 8),
    ];
    const lines = text(input({ status: status({ rates, pairs: [pair()] }) })).split('\n');
    const first = lines.findIndex((line) => line.startsWith('●PEPE'));
    const second = lines.findIndex((line) => line.startsWith(' AAA'));
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(first + 1);
    // 0.08% per 8 h = 0.01% per hour x 8760 = 88% a year
    expect(lines[second]).toMatch(/\+0\.0900% 8h {2}\+99%.*\+88%\s+1h 00m$/);
  });

  it('names the dislocation that the testnet announces, and the next one when none is on', () => {
    const labels = [
      { text: 'okx ARB pays', fromMs: fixtureTsMs + hourMs, toMs: fixtureTsMs + 2 * hourMs },
    ];
    expect(text(input({ labels }))).toContain('testnet: in 1h 00m: okx ARB pays');
    const on = [{ text: 'okx ARB pays', fromMs: fixtureTsMs - 1, toMs: fixtureTsMs + 1 }];
    expect(text(input({ labels: on }))).toContain('testnet: okx ARB pays');
  });

  it('says why nothing is opened when it is halted', () => {
    const risk = { mode: 'halted', reason: 'operator farb', windingDown: false };
    const shown = text(input({ status: status({ risk }) }));
    expect(shown).toContain('Halted (operator farb): nothing is opened');
  });

  it('fits its window at every size, with and without colours', () => {
    const many = Array.from({ length: 12 }, (_, i) => pair({ id: `p${i}` }));
    const alerts = Array.from({ length: 30 }, (_, i) => ({
      tsMs: fixtureTsMs - i,
      wallMs: 0,
      severity: 'critical' as const,
      code: 'limit-breached',
      message: 'a very long message '.repeat(20),
    }));
    const full = input({ status: status({ pairs: many, alerts }) });
    const size = fc.record({
      columns: fc.integer({ min: 40, max: 250 }),
      rows: fc.integer({ min: 12, max: 80 }),
      colors: fc.boolean(),
    });
    fc.assert(
      fc.property(size, (window) => {
        const lines = renderView(full, window);
        expect(lines.length).toBeLessThanOrEqual(window.rows);
        for (const line of lines) {
          expect(line.replace(escapes, '').length).toBeLessThanOrEqual(window.columns);
        }
      }),
    );
  });

  it('has no escape codes without colours', () => {
    expect(text(input({ status: status({ pairs: [pair()] }) }))).not.toMatch(escapes);
  });
});
