-- The pieces of a snapshot. $1 snapshot.
-- Index: presence_snapshot_pieces_pkey.
select kind, content from presence_snapshot_pieces where snapshot_id = $1 order by piece
