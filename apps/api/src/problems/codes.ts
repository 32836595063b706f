/** Every problem that the API answers with. A code never changes its meaning; its status and title stand here alone. */
export const problemCodes = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_json: { status: 400, title: 'The body is not JSON' },
  invalid_cursor: { status: 400, title: 'The cursor is not one of this list' },
  missing_api_key: { status: 401, title: 'An API key is needed' },
  invalid_api_key: { status: 401, title: 'The API key is not valid' },
  missing_scope: { status: 403, title: 'The API key may not do this' },
  route_not_found: { status: 404, title: 'There is nothing at this path' },
  vehicle_not_found: { status: 404, title: 'There is no such vehicle' },
  alert_not_found: { status: 404, title: 'There is no such alert' },
  webhook_not_found: { status: 404, title: 'There is no such webhook' },
  delivery_not_found: { status: 404, title: 'There is no such delivery' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  alert_resolved: { status: 409, title: 'The alert is resolved' },
  webhook_not_receiving: { status: 409, title: 'The webhook receives nothing' },
  too_many_webhooks: { status: 409, title: 'The organisation has too many webhooks' },
  cursor_expired: { status: 410, title: 'The cursor is older than what is kept' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body’s media type is not supported' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'The API made a mistake' },
  database_unavailable: { status: 503, title: 'The database does not answer' },
  query_timeout: { status: 503, title: 'The query took too long' },
  overloaded: { status: 503, title: 'The API has too much to do' },
} as const;

export type ProblemCode = keyof typeof problemCodes;
