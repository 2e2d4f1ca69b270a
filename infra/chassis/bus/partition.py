"""Which partition a key belongs to: the same answer in every process and on every machine."""

import hashlib


def partition_of(key: str, partitions: int) -> int:
    """A stable hash of the key, modulo the number of partitions."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) % partitions
