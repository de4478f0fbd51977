// The shape of config/*.yaml with every default. Durations are texts ("250ms", "15s"), converted
// here once; limits are in USD or fractions as their names say.
import { z } from 'zod';
import { tryDuration } from '../base/time.ts';
import { executionModes } from '../domain/plan.ts';
import { defaultReconcilePolicy } from '../engine/policy.ts';
import { defaultExecutionPolicy } from '../execution/policy.ts';
import { venueNames } from '../venues/registry.ts';

const duration = z
  .string()
  .refine((text) => tryDuration(text) !== null, 'write a duration like "250ms", "15s" or "8h"')
  .transform((text) => tryDuration(text) as number);
const fraction = z.number().min(0).max(1);
const usd = z.number().min(0).max(1e9);
const port = z.number().int().min(0).max(65_535);

const execution = defaultExecutionPolicy;
const reconcile = defaultReconcilePolicy;

export const mainSchema = z
  .strictObject({
    mode: z.enum(['testnet', 'paper', 'live']).default('testnet'),
    /** The config's equivalent of --yes-trade-real-money. */
    tradeRealMoney: z.boolean().default(false),
    stateDir: z.string().min(1).default('./state'),
    api: z
      .strictObject({
        host: z.string().default('127.0.0.1'),
        port: port.default(8_000),
        metricsHost: z.string().default('127.0.0.1'),
        metricsPort: port.default(9_090),
      })
      .prefault({}),
    paper: z
      .strictObject({
        /** What a new paper account has at every venue. */
        usdtPerVenue: z.number().min(1).max(1e9).default(40_000),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
      })
      .prefault({}),
    journal: z
      .strictObject({
        durability: z.enum(['os', 'disk']).default('os'),
        compaction: z.enum(['keep', 'archive', 'remove']).default('keep'),
      })
      .prefault({}),
    execution: z
      .strictObject({
        answerMax: duration.prefault(`${execution.answerMsMax}ms`),
        nakedDeltaMax: duration.prefault(`${execution.nakedDeltaMsMax}ms`),
        hedgeDeadline: duration.prefault(`${execution.hedgeDeadlineMs}ms`),
        legAttemptsMax: z.number().int().min(1).max(50).default(execution.legAttemptsMax),
        crossSlack: fraction.default(execution.crossSlack),
        crossSlackMax: fraction.default(execution.crossSlackMax),
        completeSlackMax: fraction.default(execution.completeSlackMax),
        entryCooldown: duration.prefault('3s'),
        settlementGuard: duration.prefault(`${execution.settlementGuardMs}ms`),
        modes: z
          .array(z.enum(executionModes))
          .min(1)
          .default([...execution.modes]),
        modeAdvantageMin: fraction.default(execution.modeAdvantageMin),
        edgeHalfLife: duration.prefault(`${execution.edgeHalfLifeMs}ms`),
        depthSlackMax: fraction.default(execution.depthSlackMax),
        maker: z
          .strictObject({
            patience: duration.prefault(`${execution.makerPatienceMs}ms`),
            fillShare: fraction.default(execution.makerFillShare),
            adverse: fraction.default(execution.makerAdverse),
            restMin: duration.prefault(`${execution.makerRestMsMin}ms`),
            repegSlack: fraction.default(execution.makerRepegSlack),
            postsMax: z.number().int().min(1).max(100).default(execution.makerPostsMax),
            look: duration.prefault(`${execution.makerTickMs}ms`),
            query: duration.prefault(`${execution.restQueryMs}ms`),
            followMax: duration.prefault(`${execution.followMsMax}ms`),
          })
          .prefault({}),
        slice: z
          .strictObject({
            usdMax: usd.default(execution.sliceUsdMax),
            depthShare: fraction.default(execution.sliceDepthShare),
            every: duration.prefault(`${execution.sliceEveryMs}ms`),
            max: z.number().int().min(1).max(1_000).default(execution.slicesMax),
          })
          .prefault({}),
        roll: z
          .strictObject({
            shareMax: z.number().gt(0).max(0.5).default(execution.rollShareMax),
            max: duration.prefault(`${execution.rollMsMax}ms`),
          })
          .prefault({}),
        rehearsal: z
          .strictObject({
            atStart: z.number().int().min(0).max(10_000).default(100),
            every: duration.prefault('0ms'),
          })
          .prefault({})
          .transform(({ atStart, every }) => ({ atStart, everyMs: every })),
        rebalance: z
          .strictObject({
            usdMin: usd.default(execution.rebalanceUsdMin),
            every: duration.prefault(`${execution.rebalanceEveryMs}ms`),
          })
          .prefault({}),
        route: z
          .strictObject({
            ordersPerSecondMax: z
              .number()
              .min(1)
              .max(10_000)
              .default(execution.venueOrdersPerSecondMax),
            headroomMin: fraction.default(execution.orderHeadroomMin),
            latencyCostPerSecond: fraction.default(execution.latencyCostPerSecond),
            advantageMin: fraction.default(execution.routeAdvantageMin),
          })
          .prefault({}),
      })
      .prefault({}),
    reconcile: z
      .strictObject({
        every: duration.prefault(`${reconcile.everyMs}ms`),
        overlap: duration.prefault(`${reconcile.overlapMs}ms`),
        confirmations: z.number().int().min(1).max(100).default(reconcile.confirmations),
      })
      .prefault({}),
  })
  .prefault({});

const urls = z.record(z.string(), z.url({ protocol: /^(https?|wss?)$/ })).default({});

export const exchangesSchema = z.strictObject({
  /** Assets to trade, multipliers removed: BTC, PEPE. */
  symbols: z.array(z.string().regex(/^[A-Z0-9]{1,20}$/)).min(1),
  quotes: z.array(z.string()).min(1).default(['USDT']),
  venues: z.record(
    z.string(),
    z.strictObject({
      enabled: z.boolean().default(true),
      /**
       * native: an adapter of ours, named by the key; its name: another account of that venue,
       * whose id is the key. ccxt: any venue of the package ccxt.
       */
      driver: z.enum(['native', 'ccxt', ...venueNames()]).default('native'),
      /** A package or module that brings the venue's adapter; see docs. */
      plugin: z.string().min(1).optional(),
      /** ccxt's id of the venue; default: the key. */
      id: z
        .string()
        .regex(/^[a-z0-9]{1,40}$/)
        .optional(),
      /** One of the venue's endpoint sets: live, testnet, demo. */
      profile: z.string().default('live'),
      key: z.string().default(''),
      secret: z.string().default(''),
      passphrase: z.string().default(''),
      leverage: z.number().int().min(1).max(50).default(3),
      spot: z.boolean().default(true),
      /** Coin-margined perpetuals against USD; native venues only. */
      inverse: z.boolean().default(false),
      depth: z.boolean().default(true),
      /** websocket: orders over the venue's own socket where it has one, REST is the fallback. */
      orderEntry: z.enum(['websocket', 'rest']).default('websocket'),
      endpoints: z.strictObject({ http: urls, ws: urls }).prefault({}),
    }),
  ),
});

/** As the file is written, before its variables are known: for looking at the venues one by one. */
export const rawExchangesSchema = z.looseObject({ venues: z.record(z.string(), z.unknown()) });

export const strategiesSchema = z.strictObject({
  strategies: z
    .array(
      z.strictObject({
        name: z.string(),
        enabled: z.boolean().default(true),
        /** A package or module that brings the strategy. */
        plugin: z.string().min(1).optional(),
        params: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .min(1),
});

/** Checked by the risk layer's own parser, which knows every limit's range. */
export const riskSchema = z.record(z.string(), z.unknown());

export type MainConfig = z.infer<typeof mainSchema>;
export type ExchangesConfig = z.infer<typeof exchangesSchema>;
export type StrategiesConfig = z.infer<typeof strategiesSchema>;
