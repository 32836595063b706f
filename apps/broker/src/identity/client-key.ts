/** A client is (organisation, vehicle id): nothing crosses organisations. Vehicle ids hold no slash, so the key is unambiguous. */
export function clientKey(organisation: string, vehicleId: string): string {
  return `${vehicleId}/${organisation}`;
}
