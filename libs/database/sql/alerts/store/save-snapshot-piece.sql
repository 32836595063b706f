-- A piece of a snapshot. $1 snapshot, $2 number of the piece, $3 what is in it, $4 content.
insert into presence_snapshot_pieces (snapshot_id, piece, kind, content)
values ($1, $2, $3, $4)
