"""The short fault run on the real servers: journeys while things are killed; `make faults` is the long one."""

from tests.faults.real.run import fault_run
from tests.support.left_out import needs
from tests.support.real_region import Stack

pytestmark = needs("java", "mvn")


async def test_nothing_is_lost_or_doubled_while_things_die(real_region: Stack) -> None:
    result = await fault_run(real_region, journeys=24, kills=6, seed=20261122, tell=print)

    assert result.verdict.faults == [], result.killer.log
    assert result.journeys == 24
    assert sum(result.killer.kills.values()) == 6
    assert set(result.killer.kills) == {"worker", "api", "kafka", "postgres"}, "each kind was killed"
    assert result.verdict.effects > result.verdict.facts > 24 * 10, "there was something to check"
    assert result.verdict.mails > 24
