"""`python -m infra.kafka`: the one-shot of a deployment. Settings: `infra.kafka.setup.KafkaSettings`."""

from infra.kafka.setup import KafkaSettings, set_up

if __name__ == "__main__":
    print(*set_up(KafkaSettings()), sep="\n")
