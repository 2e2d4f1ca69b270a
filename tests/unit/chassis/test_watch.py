"""When a worker that lives but does not work is noticed: by its group's position, whoever owns the partition."""

from infra.chassis.watch import Progress

ONE, OTHER = ("lotse.intake", 0), ("lotse.intake", 1)


def test_nothing_waits_so_nothing_is_stuck() -> None:
    progress = Progress(patience=60)
    assert progress.note({ONE: 7}, {ONE: 0}, now=0) == []
    assert progress.note({ONE: 7}, {ONE: 0}, now=1000) == []


def test_events_that_wait_longer_than_is_patient() -> None:
    progress = Progress(patience=60)
    assert progress.note({ONE: 7}, {ONE: 2}, now=0) == []
    assert progress.note({ONE: 7}, {ONE: 2}, now=60) == []
    assert progress.note({ONE: 7}, {ONE: 2}, now=61) == [ONE]


def test_new_events_do_not_hide_that_the_position_stands_still() -> None:
    progress = Progress(patience=60)
    progress.note({ONE: 7}, {ONE: 2}, now=0)
    assert progress.note({ONE: 50}, {ONE: 45}, now=61) == [ONE]


def test_a_backlog_that_shrinks_slowly_or_even_grows_is_being_worked_on() -> None:
    progress = Progress(patience=60)
    for minute in range(10):
        assert progress.note({ONE: 100 + 9 * minute}, {ONE: 50 + 8 * minute}, now=61.0 * minute) == []


def test_the_time_begins_when_something_waits() -> None:
    progress = Progress(patience=60)
    progress.note({ONE: 7}, {ONE: 0}, now=0)
    progress.note({ONE: 7}, {ONE: 0}, now=500)
    assert progress.note({ONE: 8}, {ONE: 1}, now=510) == []
    assert progress.note({ONE: 8}, {ONE: 1}, now=561) == [ONE]


def test_each_partition_is_watched_on_its_own() -> None:
    progress = Progress(patience=60)
    progress.note({ONE: 7, OTHER: 9}, {ONE: 2, OTHER: 9}, now=0)
    assert progress.note({ONE: 7, OTHER: 9}, {ONE: 2, OTHER: 4}, now=61) == [ONE]
