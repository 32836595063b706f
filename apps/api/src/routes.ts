import { acknowledgeAlert } from './alerts/acknowledge.js';
import { getAlert } from './alerts/get.js';
import { listAlertHistory } from './alerts/history.js';
import { listAlerts } from './alerts/list.js';
import { resolveAlert } from './alerts/resolve.js';
import { snoozeAlert } from './alerts/snooze.js';
import { listConnectionAttempts } from './connection-attempts/list.js';
import { listDeadLetters } from './dead-letters/list.js';
import { getDelivery } from './deliveries/get.js';
import { listDeliveries } from './deliveries/list.js';
import { replayDelivery } from './deliveries/replay.js';
import { replayDeliveries } from './deliveries/replay-all.js';
import { skipDeliveries } from './deliveries/skip.js';
import { listDiagnostics } from './diagnostics/list.js';
import { listEvents } from './events/list.js';
import { createGeofence } from './geofences/create.js';
import { deleteGeofence } from './geofences/delete.js';
import { getGeofence } from './geofences/get.js';
import { listGeofences } from './geofences/list.js';
import { updateGeofence } from './geofences/update.js';
import { getIncident } from './incidents/get.js';
import { listIncidents } from './incidents/list.js';
import { listIncidentMembers } from './incidents/members.js';
import { listLocations } from './locations/list.js';
import { createMute } from './mutes/create.js';
import { deleteMute } from './mutes/delete.js';
import { listMutes } from './mutes/list.js';
import { healthz } from './operations/healthz.js';
import { metrics } from './operations/metrics.js';
import { readyz } from './operations/readyz.js';
import { getEffectivePolicy } from './policies/effective.js';
import { listPolicies } from './policies/list.js';
import { targetPolicies } from './policies/targets.js';
import { listPositions } from './positions/list.js';
import { explainPresence } from './presence/explain.js';
import type { Route } from './route.js';
import { listStatusReports } from './status-reports/list.js';
import { getTrace } from './trace/get.js';
import { createVehicleGroup } from './vehicle-groups/create.js';
import { deleteVehicleGroup } from './vehicle-groups/delete.js';
import { getVehicleGroup } from './vehicle-groups/get.js';
import { listVehicleGroups } from './vehicle-groups/list.js';
import { addGroupMember } from './vehicle-groups/members/add.js';
import { listGroupMembers } from './vehicle-groups/members/list.js';
import { removeGroupMember } from './vehicle-groups/members/remove.js';
import { getVehicle } from './vehicles/get.js';
import { listVehicles } from './vehicles/list.js';
import { createWebhook } from './webhooks/create.js';
import { deleteWebhook } from './webhooks/delete.js';
import { getWebhook } from './webhooks/get.js';
import { listWebhooks } from './webhooks/list.js';
import { rotateSecret } from './webhooks/rotate-secret.js';
import { sendTest } from './webhooks/send-test.js';
import { updateWebhook } from './webhooks/update.js';

/** All that the API can do. */
export const routes: readonly Route[] = [
  listVehicles,
  getVehicle,
  listLocations,
  listDiagnostics,
  listStatusReports,
  listPositions,
  listVehicleGroups,
  createVehicleGroup,
  getVehicleGroup,
  deleteVehicleGroup,
  listGroupMembers,
  addGroupMember,
  removeGroupMember,
  listAlerts,
  getAlert,
  listAlertHistory,
  explainPresence,
  acknowledgeAlert,
  resolveAlert,
  snoozeAlert,
  listIncidents,
  getIncident,
  listIncidentMembers,
  listGeofences,
  createGeofence,
  getGeofence,
  updateGeofence,
  deleteGeofence,
  listPolicies,
  ...targetPolicies,
  getEffectivePolicy,
  listMutes,
  createMute,
  deleteMute,
  listWebhooks,
  createWebhook,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  rotateSecret,
  sendTest,
  listDeliveries,
  getDelivery,
  replayDelivery,
  replayDeliveries,
  skipDeliveries,
  listEvents,
  listConnectionAttempts,
  listDeadLetters,
  getTrace,
  healthz,
  readyz,
  metrics,
];
