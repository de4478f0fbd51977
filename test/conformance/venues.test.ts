// The conformance suite over every native venue.

import { binanceSubject } from './subjects/binance.ts';
import { bybitSubject } from './subjects/bybit.ts';
import { okxSubject } from './subjects/okx.ts';
import { describeVenue } from './suite.ts';

for (const subject of [binanceSubject, okxSubject, bybitSubject]) describeVenue(subject);
