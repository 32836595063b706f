-- Which of these vehicles have an offline alert that an open incident speaks for. $1 vehicles.
-- Locked, so that no other process takes one into an incident before it is told; of an incident that is too new to be seen here nobody says that it is over.
-- Indexes: alerts_one_open, incidents_pkey.
with alert as (
  select vehicle, incident_id
    from alerts
   where vehicle = any ($1::int[])
     and type = 'offline'
     and status <> 'resolved'
   order by id
     for update
)
select a.vehicle
  from alert a
  left join incidents i on i.id = a.incident_id
 where a.incident_id is not null
   and i.closed_at is null
