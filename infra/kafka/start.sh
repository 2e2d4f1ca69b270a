#!/bin/bash
# Starts Kafka in its container: makes the storage once, with the administrator's log-in, and becomes the server.
# The addresses are those of docker-compose.yml; everything else is in the two files beside this one.
set -euo pipefail

password=$(</run/secrets/kafka_admin_password)
configuration=/tmp/server.properties
login=org.apache.kafka.common.security.scram.ScramLoginModule
{
    cat /etc/lotse/server.properties /etc/lotse/secured.properties
    cat <<TEXT
listeners=CLIENTS://0.0.0.0:9092,CONTROLLER://127.0.0.1:9093
advertised.listeners=CLIENTS://kafka:9092
listener.security.protocol.map=CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
controller.quorum.bootstrap.servers=127.0.0.1:9093
log.dirs=/var/lib/kafka/data/log
listener.name.clients.scram-sha-512.sasl.jaas.config=$login required username="admin" password="$password";
TEXT
} >"$configuration"

if [ ! -e /var/lib/kafka/data/log/meta.properties ]; then
    /opt/kafka/bin/kafka-storage.sh format --standalone --config "$configuration" \
        --cluster-id "$(/opt/kafka/bin/kafka-storage.sh random-uuid)" \
        --add-scram "SCRAM-SHA-512=[name=admin,password=$password]"
fi
exec /opt/kafka/bin/kafka-server-start.sh "$configuration"
