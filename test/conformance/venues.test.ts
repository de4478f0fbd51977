// The conformance suite over every native venue.

import { describeVenue } from '../../src/testing/suite.ts';
import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { okxSubject } from './subjects/okx.ts';

for (const subject of [binanceSubject, okxSubject, bybitSubject]) describeVenue(subject);
