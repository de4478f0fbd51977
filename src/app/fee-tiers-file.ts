// The file of fee tiers by volume that a backtest trades with. YAML or JSON:
//
//   binance:
//     perp:
//       - { volumeUsd: 0, maker: 0.0002, taker: 0.0005 }
//       - { volumeUsd: 15000000, maker: 0.00016, taker: 0.0004 }
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FeeTier, FeeTiers } from '../backtest/fee-tiers.ts';
import { fromNumber } from '../base/decimal.ts';
import { messageOf, UserError } from '../base/errors.ts';

const rate = z.number().min(-0.01).max(0.1);
const tiers = z
  .array(z.strictObject({ volumeUsd: z.number().min(0), maker: rate, taker: rate }))
  .min(1)
  .refine(([first]) => first?.volumeUsd === 0, 'the first tier is that of volumeUsd 0')
  .refine(
    (list) =>
      list.every(({ volumeUsd }, k) => k === 0 || volumeUsd > (list[k - 1]?.volumeUsd ?? 0)),
    'volumes must ascend',
  );
const schema = z.record(
  z.string(),
  z.strictObject({ perp: tiers.optional(), spot: tiers.optional() }),
);

export function readFeeTiers(file: string): FeeTiers {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new UserError(`--fee-tiers ${file}: ${messageOf(thrown).split('\n')[0]}; give YAML`);
  }
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') || '(top)';
    throw new UserError(
      `--fee-tiers ${file}: ${where}: ${issue?.message}; write venue, then perp or spot, then ` +
        'tiers { volumeUsd, maker, taker } from volumeUsd 0 on',
    );
  }
  return Object.fromEntries(
    Object.entries(parsed.data).map(([venue, { perp, spot }]) => [
      venue,
      {
        ...(perp === undefined ? {} : { perp: perp.map(exact) }),
        ...(spot === undefined ? {} : { spot: spot.map(exact) }),
      },
    ]),
  );
}

function exact(given: { volumeUsd: number; maker: number; taker: number }): FeeTier {
  const { volumeUsd, maker, taker } = given;
  return { volumeUsd, maker: fromNumber(maker), taker: fromNumber(taker) };
}
