#!/bin/sh
# Make the database the first time, as the official image does, then serve it.
set -eu
data=/var/lib/postgresql/data/pgdata
if [ ! -s "$data/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" | { umask 077; cat >/tmp/password; }
    initdb --pgdata="$data" --auth=scram-sha-256 --pwfile=/tmp/password
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$data/pg_hba.conf"
fi
exec postgres -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
