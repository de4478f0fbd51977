// A key and a certificate that signed itself, made at run time for servers on loopback: no key
// lies in the repository. DER by hand, X.509 v1 (RFC 5280, 4.1), as short as OpenSSL accepts it.
import { generateKeyPairSync, sign } from 'node:crypto';

const tag = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
};
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const commonName = [0x55, 0x04, 0x03];

export function selfSigned(name: string): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(tag.sequence, der(tag.oid, Buffer.from(ecdsaWithSha256)));
  const names = der(
    tag.sequence,
    der(
      tag.set,
      der(tag.sequence, der(tag.oid, Buffer.from(commonName)), der(tag.utf8, Buffer.from(name))),
    ),
  );
  const validity = der(
    tag.sequence,
    der(tag.time, Buffer.from('200101000000Z')),
    der(tag.time, Buffer.from('491231235959Z')),
  );
  const about = der(
    tag.sequence,
    der(tag.integer, Buffer.from([1])),
    algorithm,
    names,
    validity,
    names,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', about, privateKey)]);
  const cert = der(tag.sequence, about, algorithm, der(tag.bits, signature));
  const lines = cert.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  };
}

function der(kind: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([kind, ...head]), body]);
}
