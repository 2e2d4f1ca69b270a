"""What every event bus must keep, whatever it is made of. Each implementation inherits this suite and passes all of it.

A subclass gives `opened` (a new client of the same bus, closed in the end) and `kill` (what SIGKILL would do to a
consumer's process, as far as the bus can tell).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import monotonic
from uuid import uuid4

import pytest

from contracts.topics import Topic
from infra.chassis.bus.base import AT_ONCE, Bus, Handle, Message, Received
from infra.chassis.bus.partition import partition_of
from tests.support.waiting import beside, until


class Diary:
    """What consumers handled, in order."""

    def __init__(self, pause: float = 0.0) -> None:
        self.entries: list[tuple[str, Received]] = []
        self._pause = pause

    def of(self, member: str = "") -> Handle:
        async def handle(message: Received) -> None:
            self.entries.append((member, message))
            if self._pause:
                await asyncio.sleep(self._pause)

        return handle

    def values(self, key: str | None = None) -> list[bytes]:
        return [message.value for _, message in self.entries if key in (None, message.key)]

    def by_key(self) -> dict[str, list[bytes]]:
        found: defaultdict[str, list[bytes]] = defaultdict(list)
        for _, message in self.entries:
            found[message.key].append(message.value)
        return found

    def places_of(self, member: str) -> set[int]:
        return {message.partition for who, message in self.entries if who == member}

    async def has(self, count: int) -> None:
        async def enough() -> bool:
            return len({(m.partition, m.offset) for _, m in self.entries}) >= count

        await until(enough, f"{count} messages were handled", within=30)


def first_appearances(values: list[bytes]) -> list[bytes]:
    """Redelivered ones left out: what a guarded consumer acts on."""
    return list(dict.fromkeys(values))


def numbered(topic: Topic, keys: int, each: int) -> list[Message]:
    """`each` messages of every key, taking turns; their values sort as they were published."""
    return [
        Message(topic.name, f"key-{key}", f"{number:06}".encode(), {"n": str(number)})
        for number in range(each)
        for key in range(keys)
    ]


class BusSuite:
    """Inherit it as `class Test...(BusSuite)`."""

    opened: Callable[[], AbstractAsyncContextManager[Bus]]
    kill: Callable[[Bus], Awaitable[None]]
    hand_over_within = 8.0

    @pytest.fixture
    async def bus(self) -> AsyncIterator[Bus]:
        async with self.opened() as bus:
            yield bus

    @pytest.fixture
    async def topic(self, bus: Bus) -> Topic:
        made = Topic(f"suite.{uuid4().hex}", "suite", frozenset({"suite"}), partitions=6)
        await bus.create_topics([made])
        return made

    async def test_messages_of_a_key_arrive_in_order_with_all_they_carry(self, bus: Bus, topic: Topic) -> None:
        for message in numbered(topic, keys=5, each=20):
            assert await bus.publish([message]) == [None]
        diary = Diary()
        async with beside(bus.consume("g", [topic], diary.of())):
            await diary.has(100)
        assert diary.by_key() == {f"key-{k}": [f"{n:06}".encode() for n in range(20)] for k in range(5)}
        assert all(message.headers["n"] == str(int(message.value)) for _, message in diary.entries)
        assert all(message.topic == topic.name for _, message in diary.entries)

    async def test_publishers_at_once_keep_each_key_in_order(self, bus: Bus, topic: Topic) -> None:
        async def publish(key: int) -> None:
            for number in range(0, 60, 6):
                batch = [Message(topic.name, f"key-{key}", f"{number + at:06}".encode()) for at in range(6)]
                assert await bus.publish(batch) == [None] * 6

        diary = Diary()
        async with beside(bus.consume("g", [topic], diary.of())):
            await asyncio.gather(*(publish(key) for key in range(6)))
            await diary.has(360)
        assert all(values == sorted(values) and len(values) == 60 for values in diary.by_key().values())

    async def test_a_message_whose_handler_failed_comes_again_before_the_later_ones(
        self, bus: Bus, topic: Topic
    ) -> None:
        await bus.publish([Message(topic.name, "k", f"{n}".encode()) for n in range(5)])
        diary = Diary()

        async def fail_at_2(message: Received) -> None:
            if message.value == b"2":
                raise ZeroDivisionError
            await diary.of()(message)

        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(20):
                await bus.consume("g", [topic], fail_at_2)
        assert diary.values() == [b"0", b"1"]
        async with beside(bus.consume("g", [topic], diary.of("again"))):
            await diary.has(5)
        assert first_appearances(diary.values()) == [b"0", b"1", b"2", b"3", b"4"]
        assert [m.value for who, m in diary.entries if who == "again"][-3:] == [b"2", b"3", b"4"]

    async def test_what_has_queued_up_is_taken_together_and_in_order(self, bus: Bus, topic: Topic) -> None:
        await bus.publish([Message(topic.name, "k", f"{n:03}".encode()) for n in range(180)])
        taken: list[list[bytes]] = []

        async def together(messages: Sequence[Received]) -> None:
            assert {message.partition for message in messages} == {messages[0].partition}
            taken.append([message.value for message in messages])

        async def alone(message: Received) -> None:
            taken.append([message.value])
            await asyncio.sleep(0.05)

        async def all_taken() -> bool:
            return sum(map(len, taken)) >= 180

        async with beside(bus.consume("g", [topic], alone, together)):
            await until(all_taken, "all were taken")
        assert [value for values in taken for value in values] == [f"{n:03}".encode() for n in range(180)]
        assert 1 < max(map(len, taken)) <= AT_ONCE

    async def test_what_fails_together_is_handled_one_after_the_other(self, bus: Bus, topic: Topic) -> None:
        await bus.publish([Message(topic.name, "k", f"{n}".encode()) for n in range(5)])
        diary, refused = Diary(), []

        async def together(messages: Sequence[Received]) -> None:
            refused.append(len(messages))
            raise LookupError

        async def fail_at_3(message: Received) -> None:
            if message.value == b"3":
                raise ZeroDivisionError
            await diary.of()(message)

        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(20):
                await bus.consume("g", [topic], fail_at_3, together)
        assert refused, "they never came together"
        assert diary.values() == [b"0", b"1", b"2"]
        async with beside(bus.consume("g", [topic], diary.of("again"))):
            await diary.has(5)
        assert first_appearances(diary.values()) == [b"0", b"1", b"2", b"3", b"4"]

    async def test_what_a_cancelled_consumer_had_in_hand_comes_again(self, bus: Bus, topic: Topic) -> None:
        await bus.publish([Message(topic.name, "k", f"{n}".encode()) for n in range(3)])
        diary, reached = Diary(), asyncio.Event()

        async def hang_at_1(message: Received) -> None:
            if message.value == b"1":
                reached.set()
                await asyncio.sleep(3600)
            await diary.of()(message)

        async with beside(bus.consume("g", [topic], hang_at_1)):
            await asyncio.wait_for(reached.wait(), 20)
        async with beside(bus.consume("g", [topic], diary.of())):
            await diary.has(3)
        assert first_appearances(diary.values()) == [b"0", b"1", b"2"]

    async def test_a_consumer_ends_when_it_is_cancelled_at_any_moment(self, bus: Bus, topic: Topic) -> None:
        for turn in range(12):
            async with beside(bus.consume("g", [topic], Diary().of()), bus.consume("g", [topic], Diary().of())):
                await asyncio.sleep(turn * 0.007)
                await bus.publish(numbered(topic, keys=4, each=2))
                await asyncio.sleep(turn * 0.003)

    async def test_a_group_goes_on_where_it_was(self, bus: Bus, topic: Topic) -> None:
        await bus.publish(numbered(topic, keys=4, each=5))
        first, second = Diary(), Diary()
        async with beside(bus.consume("g", [topic], first.of())):
            await first.has(20)
            await self._settled(bus, topic, "g")
        await bus.publish([Message(topic.name, "key-1", b"later")])
        async with beside(bus.consume("g", [topic], second.of())):
            await second.has(1)
            await asyncio.sleep(0.2)
        assert second.values() == [b"later"]

    async def test_two_groups_each_get_everything(self, bus: Bus, topic: Topic) -> None:
        await bus.publish(numbered(topic, keys=4, each=5))
        one, two = Diary(), Diary()
        async with beside(bus.consume("one", [topic], one.of())):
            await one.has(20)
            await self._settled(bus, topic, "one")
        assert sum((await bus.lag("two", [topic])).values()) == 20
        async with beside(bus.consume("two", [topic], two.of())):
            await two.has(20)
        assert one.by_key() == two.by_key()

    async def test_members_share_the_partitions_and_hand_them_over_in_order(self, bus: Bus, topic: Topic) -> None:
        diary = Diary(pause=0.001)
        stop, published = asyncio.Event(), 0

        async def keep_publishing() -> None:
            nonlocal published
            while not stop.is_set():
                batch = [Message(topic.name, f"key-{key}", f"{published // 24:06}".encode()) for key in range(24)]
                assert not any(await bus.publish(batch))
                published += 24
                await asyncio.sleep(0.02)

        async def works(member: str) -> bool:
            return bool(diary.places_of(member))

        async with (
            self.opened() as other,
            self.opened() as third,
            beside(
                keep_publishing(),
                bus.consume("g", [topic], diary.of("a")),
                other.consume("g", [topic], diary.of("b")),
            ),
        ):
            await until(lambda: works("a"), "the first member works", self.hand_over_within)
            await until(lambda: works("b"), "the second member works", self.hand_over_within)
            async with beside(third.consume("g", [topic], diary.of("c"))):
                await until(lambda: works("c"), "the third member works", self.hand_over_within)
            stop.set()
            await until(lambda: self._no_lag(bus, topic, "g"), "everything was handled", 60)
        assert len(diary.entries) < 1.5 * published, "members worked on the same partitions"
        counted = Counter(diary.values())
        assert set(counted) == {f"{n:06}".encode() for n in range(published // 24)}
        for values in diary.by_key().values():
            assert first_appearances(values) == sorted(set(values)), "a later message overtook an earlier one"
            assert len(set(values)) == published // 24

    async def test_a_member_that_joins_gets_its_share_although_the_others_never_rest(self, bus: Bus) -> None:
        busy = Topic(f"suite.{uuid4().hex}", "suite", frozenset({"suite"}), partitions=2)
        await bus.create_topics([busy])
        await bus.publish(numbered(busy, keys=8, each=250))
        diary = Diary(pause=0.01)

        async def both_work() -> bool:
            return bool(diary.places_of("a")) and bool(diary.places_of("b"))

        async with self.opened() as other, beside(bus.consume("g", [busy], diary.of("a"))):
            await diary.has(10)
            async with beside(other.consume("g", [busy], diary.of("b"))):
                await until(both_work, "the second member works", self.hand_over_within)
                assert sum((await bus.lag("g", [busy])).values()), "it got its share only when nothing was left to do"

    async def test_a_killed_member_frees_its_partitions(self, bus: Bus, topic: Topic) -> None:
        diary = Diary(pause=0.001)
        async with self.opened() as doomed, beside(bus.consume("g", [topic], diary.of("survivor"))):
            dying = asyncio.create_task(doomed.consume("g", [topic], diary.of("doomed")))
            for _ in range(200):
                await bus.publish(numbered(topic, keys=12, each=1))
                if diary.places_of("doomed") and diary.places_of("survivor"):
                    break
                await asyncio.sleep(0.05)
            assert diary.places_of("doomed"), "the member that was to be killed never worked"
            await self.kill(doomed)
            with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the bus's library raises then
                await asyncio.wait_for(dying, 20)
            diary.entries.clear()
            await bus.publish([Message(topic.name, f"key-{key}", b"after") for key in range(12)])

            async def all_there() -> bool:
                return all(b"after" in diary.values(f"key-{key}") for key in range(12))

            await until(all_there, "the survivor has taken over", self.hand_over_within)
            await until(lambda: self._no_lag(bus, topic, "g"), "nothing is left", self.hand_over_within)

    async def test_replay_tells_everything_up_to_an_end_and_moves_no_position(self, bus: Bus, topic: Topic) -> None:
        await bus.publish(numbered(topic, keys=6, each=40))
        ends, diary = await bus.ends(topic), Diary()
        await bus.publish(numbered(topic, keys=6, each=1))
        await bus.replay(topic, ends, diary.of())
        assert diary.by_key() == {f"key-{k}": [f"{n:06}".encode() for n in range(40)] for k in range(6)}
        assert sum((await bus.lag("g", [topic])).values()) == 246
        more = Diary()
        await bus.replay(topic, None, more.of(), since=ends)
        assert len(more.entries) == 6

    async def test_lag_counts_what_is_not_dealt_with(self, bus: Bus, topic: Topic) -> None:
        assert sum((await bus.lag("g", [topic])).values()) == 0
        await bus.publish(numbered(topic, keys=3, each=3))
        assert sum((await bus.lag("g", [topic])).values()) == 9
        diary = Diary()
        async with beside(bus.consume("g", [topic], diary.of())):
            await self._settled(bus, topic, "g")
        assert len(diary.entries) == 9

    async def test_a_missing_topic_fails_its_own_messages_only(self, bus: Bus, topic: Topic) -> None:
        absent = f"absent.{uuid4().hex}"
        answer = await bus.publish(
            [Message(topic.name, "k", b"1"), Message(absent, "k", b"2"), Message(topic.name, "k", b"3")]
        )
        assert [failure is None for failure in answer] == [True, False, True]
        diary = Diary()
        await bus.replay(topic, None, diary.of())
        assert diary.values() == [b"1", b"3"]

    async def test_a_key_has_its_partition_and_a_message_may_name_another(self, bus: Bus, topic: Topic) -> None:
        by_key = [Message(topic.name, f"key-{n}", b"by key") for n in range(20)]
        named = [Message(topic.name, "", b"named", partition=place) for place in range(topic.partitions)]
        assert await bus.publish([*by_key, *named]) == [None] * 26
        beyond = Message(topic.name, "", b"lost", partition=topic.partitions)
        assert [failure is None for failure in await bus.publish([beyond, by_key[0]])] == [False, True]
        diary = Diary()
        await bus.replay(topic, None, diary.of())
        assert {m.partition for _, m in diary.entries if m.value == b"named"} == set(range(topic.partitions))
        for _, message in diary.entries:
            assert message.value != b"lost"
            assert message.value == b"named" or message.partition == partition_of(message.key, topic.partitions)

    async def test_a_message_is_handled_when_all_before_it_in_its_partition_are(self, bus: Bus, topic: Topic) -> None:
        place = partition_of("slow", topic.partitions)
        others = [key for n in range(200) if partition_of(key := f"key-{n}", topic.partitions) == place][:5]
        await bus.publish([Message(topic.name, key, b"work") for key in ("slow", *others)])
        await bus.publish([Message(topic.name, "", b"beat", partition=place)])
        done: list[str] = []

        async def handle(message: Received) -> None:
            await asyncio.sleep(0.3 if message.key == "slow" else 0.01)
            done.append(message.key)

        async def all_done() -> bool:
            return "" in done

        async with beside(bus.consume("g", [topic], handle)):
            await until(all_done, "all were handled")
        assert done.index("") == 6, "it came before something that was published earlier"

    async def test_creating_topics_again_keeps_what_they_hold(self, bus: Bus, topic: Topic) -> None:
        await bus.publish(numbered(topic, keys=2, each=2))
        await bus.create_topics([topic])
        diary = Diary()
        await bus.replay(topic, None, diary.of())
        assert len(diary.entries) == 4

    async def test_big_batches_and_big_values(self, bus: Bus, topic: Topic) -> None:
        batch = [
            Message(topic.name, f"key-{n % 7}", bytes(200_000) if n == 500 else f"{n:06}".encode(), {"n": str(n)})
            for n in range(2000)
        ]
        assert await bus.publish(batch) == [None] * 2000
        diary = Diary()
        async with beside(bus.consume("g", [topic], diary.of())):
            await diary.has(2000)
        for key in range(7):
            numbers = [int(m.headers["n"]) for _, m in diary.entries if m.key == f"key-{key}"]
            assert numbers == list(range(key, 2000, 7))

    async def test_a_waiting_consumer_is_woken(self, bus: Bus, topic: Topic) -> None:
        diary, waited = Diary(), []
        async with beside(bus.consume("g", [topic], diary.of())):
            await bus.publish([Message(topic.name, "k", b"first")])
            await diary.has(1)
            for turn in range(6):
                await asyncio.sleep(0.15)
                started = monotonic()
                await bus.publish([Message(topic.name, "k", str(turn).encode())])
                await diary.has(2 + turn)
                waited.append(monotonic() - started)
        assert sorted(waited)[1] < 0.5, "it polls instead of being woken"

    async def _no_lag(self, bus: Bus, topic: Topic, group: str) -> bool:
        return not sum((await bus.lag(group, [topic])).values())

    async def _settled(self, bus: Bus, topic: Topic, group: str) -> None:
        await until(lambda: self._no_lag(bus, topic, group), "the position was kept")
