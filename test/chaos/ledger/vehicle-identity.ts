export interface VehicleIdentity {
  vehicleId: string;
  certificatePem: string;
  privateKeyPem: string;
}
