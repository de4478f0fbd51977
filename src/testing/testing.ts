// What authors of plugins import as `funding-rate-arb/testing`: the contract suites that our own
// venues and strategies pass, and the simulated exchange to put behind an adapter. It needs the
// packages vitest and fast-check. An entry point of the package, which is why it only passes on.
export type {
  SimEvent,
  SimExchange,
  SimFill,
  SimInstrument,
  SimOrder,
  SimRejection,
} from '../sim/api.ts';
export {
  type ListingTerms,
  perpListings,
  spotListings,
} from '../sim/listings/listing.ts';
export { bybitMajorTiers, largeAltTiers, smallAltTiers } from '../sim/listings/tiers.ts';
export type {
  MakeProtocol,
  RawHttpReply,
  RawHttpRequest,
  SocketHandler,
  TestnetContext,
  TestnetProtocol,
  TestnetSocket,
} from '../testnet/protocol.ts';
export { draftOf } from './drafts.ts';
export { ProtocolRig } from './rig.ts';
export { describeStrategy, type StrategySubject } from './strategy-suite.ts';
export type {
  ConformanceSubject,
  ErrorCase,
  Sample,
  SentOrder,
  SigningVector,
} from './subject.ts';
export { describeVenue } from './suite.ts';
