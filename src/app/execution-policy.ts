// The `execution` section of config/main.yaml as the policy that decides.
import { defaultExecutionPolicy, type ExecutionPolicy } from '../execution/policy.ts';
import type { MainConfig } from './config-schema.ts';

export function executionPolicyOf(config: MainConfig['execution']): ExecutionPolicy {
  const { maker, slice, roll, rebalance, route } = config;
  return {
    ...defaultExecutionPolicy,
    answerMsMax: config.answerMax,
    nakedDeltaMsMax: config.nakedDeltaMax,
    hedgeDeadlineMs: config.hedgeDeadline,
    legAttemptsMax: config.legAttemptsMax,
    crossSlack: config.crossSlack,
    crossSlackMax: config.crossSlackMax,
    completeSlackMax: config.completeSlackMax,
    settlementGuardMs: config.settlementGuard,
    modes: config.modes,
    modeAdvantageMin: config.modeAdvantageMin,
    edgeHalfLifeMs: config.edgeHalfLife,
    depthSlackMax: config.depthSlackMax,
    makerPatienceMs: maker.patience,
    makerFillShare: maker.fillShare,
    makerAdverse: maker.adverse,
    makerRestMsMin: maker.restMin,
    makerRepegSlack: maker.repegSlack,
    makerPostsMax: maker.postsMax,
    makerTickMs: maker.look,
    restQueryMs: maker.query,
    followMsMax: maker.followMax,
    sliceUsdMax: slice.usdMax,
    sliceDepthShare: slice.depthShare,
    sliceEveryMs: slice.every,
    slicesMax: slice.max,
    rollShareMax: roll.shareMax,
    rollMsMax: roll.max,
    rebalanceUsdMin: rebalance.usdMin,
    rebalanceEveryMs: rebalance.every,
    venueOrdersPerSecondMax: route.ordersPerSecondMax,
    orderHeadroomMin: route.headroomMin,
    latencyCostPerSecond: route.latencyCostPerSecond,
    routeAdvantageMin: route.advantageMin,
  };
}
