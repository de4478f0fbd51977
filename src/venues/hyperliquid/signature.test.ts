// Vectors: the ones that the venue's own Python SDK is tested with (tests/signing_test.py there),
// and unmodified ccxt as a peer: the same action and the same key must give the same signature.
import { bytesToHex } from '@noble/hashes/utils.js';
import ccxt from 'ccxt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Packable } from './msgpack.ts';
import {
  actionHash,
  addressOf,
  isAddress,
  isPrivateKey,
  type L1Action,
  type Signature,
  signerOf,
  signL1Action,
} from './signature.ts';

const key = '0x0123456789012345678901234567890123456789012345678901234567890123';
const address = '0x14791697260e4c9a71f18484c9f997b308e59325';
const vault = '0x1719884eb866cb12b2287399b15f7db5e7d775ea';
const plain = { nonce: 0, vault: null, expiresAfterMs: null } as const;

const order = (over: object, a = 1): Packable => ({
  type: 'order',
  orders: [{ a, b: true, p: '100', s: '100', r: false, t: { limit: { tif: 'Gtc' } }, ...over }],
  grouping: 'na',
});

describe('the signature of an L1 action', () => {
  it('hashes the order of the production vector', () => {
    const action = order({ p: '1670.1', s: '0.0147', t: { limit: { tif: 'Ioc' } } }, 4);
    const hash = actionHash({ ...plain, action, nonce: 1_677_777_606_040 });
    expect(bytesToHex(hash)).toBe(
      '0fcbeda5ae3c4950a548021552a4fea2226858c4453571bf3f24ba017eac2908',
    );
  });

  // r and s without their leading zeros, as the SDK writes them.
  it.each<readonly [name: string, l1: Omit<L1Action, 'network'>, texts: readonly string[]]>([
    [
      'a dummy action',
      { ...plain, action: { type: 'dummy', num: 100_000_000_000 } },
      [
        '53749d5b30552aeb2fca34b530185976545bb22d0b3ce6f62e31be961a59298',
        '27',
        '542af61ef1f429707e3c76c5293c80d01f74ef853e34b76efffcb57e574f9510',
        '28',
      ],
    ],
    [
      'an order',
      { ...plain, action: order({}) },
      [
        'd65369825a9df5d80099e513cce430311d7d26ddf477f5b3a33d2806b100d78e',
        '28',
        '82b2ba28e76b3d761093aaded1b1cdad4960b3af30212b343fb2e6cdfa4e3d54',
        '27',
      ],
    ],
    [
      'an order with a cloid',
      { ...plain, action: order({ c: '0x00000000000000000000000000000001' }) },
      [
        '41ae18e8239a56cacbc5dad94d45d0b747e5da11ad564077fcac71277a946e3',
        '27',
        'eba0664bed2676fc4e5a743bf89e5c7501aa6d870bdb9446e122c9466c5cd16d',
        '28',
      ],
    ],
    [
      'an action for a vault',
      { ...plain, action: { type: 'dummy', num: 100_000_000_000 }, vault },
      [
        '3c548db75e479f8012acf3000ca3a6b05606bc2ec0c29c50c515066a326239',
        '28',
        'e281d2fb5c6e25ca01601f878e4d69c965bb598b88fac58e475dd1f5e56c362b',
        '27',
      ],
    ],
    [
      'a dead-man switch',
      { ...plain, action: { type: 'scheduleCancel', time: 123_456_789 } },
      [
        '609cb20c737945d070716dcc696ba030e9976fcf5edad87afa7d877493109d55',
        '28',
        '4e4f2dbd4107c69783e251b7e1057d9f2b9d11cee213441ccfa2be63516dc5bc',
        '27',
      ],
    ],
  ])('is that of the Python SDK for %s', (_name, l1, [r, v, testnetR, testnetV]) => {
    const word = (text = ''): string => `0x${text.padStart(64, '0')}`;
    const mainnet = signL1Action({ ...l1, network: 'mainnet' }, key);
    expect(mainnet).toMatchObject({ r: word(r), v: Number(v) });
    const testnet = signL1Action({ ...l1, network: 'testnet' }, key);
    expect(testnet).toMatchObject({ r: word(testnetR), v: Number(testnetV) });
  });

  it('is that of unmodified ccxt', () => {
    const peer = new ccxt.hyperliquid({ privateKey: key, walletAddress: address });
    const nonces = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
    const asset = fc.integer({ min: 0, max: 120_000 });
    const text = fc.integer({ min: 1, max: 10 ** 9 }).map((n) => String(n / 1_000));
    const tif = fc.constantFrom('Gtc', 'Ioc', 'Alo');
    const action: fc.Arbitrary<Packable> = fc.oneof(
      fc
        .record({ a: asset, b: fc.boolean(), p: text, s: text, r: fc.boolean(), tif })
        .map(({ tif: limit, ...rest }) => ({
          type: 'order',
          orders: [{ ...rest, t: { limit: { tif: limit } } }],
          grouping: 'na',
        })),
      fc.record({ a: asset, o: fc.integer({ min: 0, max: 2 ** 40 }) }).map((cancel) => ({
        type: 'cancel',
        cancels: [cancel],
      })),
      asset.map((n) => ({ type: 'updateLeverage', asset: n, isCross: true, leverage: n % 50 })),
    );
    const vaults = fc.constantFrom(null, vault);
    fc.assert(
      fc.property(action, nonces, vaults, fc.boolean(), (made, nonce, forVault, expires) => {
        const expiresAfterMs = expires ? nonce + 5_000 : null;
        const ours = signL1Action(
          { action: made, nonce, vault: forVault, expiresAfterMs, network: 'mainnet' },
          key,
        );
        const theirs = peer.signL1Action(
          made,
          nonce,
          forVault?.slice(2) ?? undefined,
          expiresAfterMs ?? undefined,
        ) as Signature; // untyped in ccxt
        const padded = (word: string): string => `0x${word.slice(2).padStart(64, '0')}`;
        expect(ours).toEqual({ r: padded(theirs.r), s: padded(theirs.s), v: theirs.v });
      }),
      { numRuns: 40 },
    );
  });
});

describe('the signer', () => {
  const l1: L1Action = { ...plain, action: order({}), nonce: 7, network: 'mainnet' };
  const signature = signL1Action(l1, key);

  it('is recovered from the signature, with and without leading zeros', () => {
    expect(addressOf(key)).toBe(address);
    expect(signerOf(l1, signature)).toBe(address);
    const short = { ...signature, r: signature.r.replace(/^0x0+/, '0x') };
    expect(signerOf(l1, short)).toBe(address);
  });

  it('is another one as soon as anything that is signed differs', () => {
    const changes: readonly Partial<L1Action>[] = [
      { nonce: 8 },
      { vault },
      { expiresAfterMs: 9 },
      { network: 'testnet' },
      { action: order({ p: '101' }) },
      { action: { orders: [], type: 'order', grouping: 'na' } },
    ];
    for (const change of changes)
      expect(signerOf({ ...l1, ...change }, signature)).not.toBe(address);
  });

  it('is nobody for what is no signature', () => {
    const zeros = `0x${'0'.repeat(64)}`;
    for (const bad of [
      { ...signature, v: 0 },
      { ...signature, r: 'r' },
      { ...signature, s: `0x${'f'.repeat(65)}` },
      { ...signature, r: zeros, s: zeros },
    ]) {
      expect(signerOf(l1, bad)).toBeNull();
    }
  });
});

it('keys and addresses are told from anything else', () => {
  expect([key, key.slice(2), 's', `0x${'0'.repeat(64)}`].map(isPrivateKey)).toEqual([
    ...[true, true, false, false],
  ]);
  expect([address, vault, 'k', key].map(isAddress)).toEqual([true, true, false, false]);
  expect(() => signL1Action({ ...plain, action: {}, network: 'mainnet' }, 's')).toThrow(
    'no private key',
  );
});
