import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';

/** P-256: what every TLS stack in a vehicle speaks, and the cheapest handshake. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;
export const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const;

export interface KeyPair extends CryptoKeyPair {
  /** PKCS #8, PEM. */
  privateKeyPem: string;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;

export async function createKeyPair(): Promise<KeyPair> {
  const { privateKey, publicKey } = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const privateKeyPem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' });
  return { privateKey, publicKey, privateKeyPem: String(privateKeyPem) };
}

/** @throws when it is no P-256 key. */
export function importSigningKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', der, keyAlgorithm, false, ['sign']);
}
