// Whose account the simulated venue has. Clients name an address and sign with a private key, so
// the testnet's plain key and secret cannot serve: an account is made from them, the same for the
// same secret. What has the form of an address and a key already is taken as it is.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { addressOf, isAddress, isPrivateKey } from '../../venues/hyperliquid/signature.ts';
import type { TestnetCredentials } from '../protocol.ts';

/** `key` is the address of the account, `secret` the private key of who may sign for it. */
export function accountOf(shared: TestnetCredentials): TestnetCredentials {
  const { key, secret, passphrase } = shared;
  const signer = isPrivateKey(secret) ? secret : madeUpKey(secret);
  return {
    key: isAddress(key) ? key.toLowerCase() : addressOf(signer),
    secret: signer,
    passphrase,
  };
}

/** Never for money: anybody can make it again. */
function madeUpKey(secret: string): string {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(`farb testnet ${secret}`)))}`;
}
