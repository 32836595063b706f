/** One spelling of a certificate's serial number: upper case hexadecimal without leading zeros (DER pads with 00, OpenSSL to whole bytes). */
export function serialNumber(hex: string): string {
  const digits = hex.replaceAll(/[\s:]/g, '').replace(/^0x/i, '').replace(/^0+/, '').toUpperCase();
  return digits === '' ? '0' : digits;
}
