-- Members of a new incident: who lost contact within the window by a cause that counts and is away, and whose alert was opened shortly before; that alert joins too.
-- $1 incident, $2 organisation, $3 node or null, $4 from, $5 to (ms, loss), $6 log time (ms), $7 alerts since (ms), $8 causes.
-- Indexes: vehicle_presence_away_organisation, alerts_organisation.
with adopted as (
  update alerts a
     set incident_id = $1
    from vehicle_presence p
   where p.vehicle = a.vehicle
     and a.organisation_id = $2
     and a.type = 'offline'
     and a.status <> 'resolved'
     and a.incident_id is null
     and a.opened_at >= to_timestamp($7::float8 / 1000)
     and ($3::text is null or p.lost_node = $3)
  returning a.vehicle
)
insert into incident_members (incident_id, vehicle, organisation_id, joined_at)
select $1, m.vehicle, $2, to_timestamp($6::float8 / 1000)
  from (
    select p.vehicle
      from vehicle_presence p
     where p.organisation_id = $2
       and ($3::text is null or p.lost_node = $3)
       and p.state <> 'online'
       and p.state in ('suspect', 'offline')
       and p.cause = any ($8::text[])
       and p.lost_at between to_timestamp($4::float8 / 1000) and to_timestamp($5::float8 / 1000)
    union
    select vehicle from adopted
  ) m
on conflict do nothing
returning vehicle
