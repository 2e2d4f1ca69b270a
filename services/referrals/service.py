"""Referrals as data: its capabilities, what it hears and says. API, worker, onebox and house rules read it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from infra.chassis.arrival import Handler
from infra.chassis.service import Service
from services.referrals import incoming, outgoing
from services.referrals.attendance import api as attendance_api
from services.referrals.attendance import watching
from services.referrals.cohort import api as cohort_api
from services.referrals.cohort.domain import Admitted
from services.referrals.directory import api as directory_api
from services.referrals.directory import import_api as directory_import_api
from services.referrals.feedback import api as feedback_api
from services.referrals.follow_up import api as follow_up_api
from services.referrals.follow_up import use_cases as follow_up
from services.referrals.journey import api as journey_api
from services.referrals.journey import use_cases as journey
from services.referrals.journey.domain import JourneyEnded, StageEntered
from services.referrals.referral import api as referral_api
from services.referrals.referral import use_cases as referral
from services.referrals.settings import ReferralsSettings
from services.referrals.timeline import api as timeline_api
from services.referrals.timeline import use_cases as timeline

INSIDE: Final[Mapping[type[Any], tuple[Handler, ...]]] = {
    **{event: (timeline.tell(say),) for event, say in outgoing.OUTGOING.items()},
    Admitted: (journey.begin,),
    StageEntered: (timeline.tell(outgoing.OUTGOING[StageEntered]), watching.stage_entered),
    JourneyEnded: (timeline.tell(outgoing.OUTGOING[JourneyEnded]), follow_up.plan),
}
"""Domain event -> what other capabilities do about it, in the same transaction. The timeline hears everything."""

SERVICE: Final = Service(
    name="referrals",
    settings=ReferralsSettings,
    schemas=(
        "directory",
        "referral",
        "cohort",
        "journey",
        "attendance",
        "feedback",
        "follow_up",
        "needs",
        "placements",
        "timeline",
        "timeline_own",
    ),
    migrations=Path(__file__).parent / "migrations",
    routers=(
        directory_api.router,
        directory_import_api.router,
        referral_api.router,
        cohort_api.router,
        journey_api.router,
        attendance_api.router,
        feedback_api.router,
        follow_up_api.router,
        timeline_api.router,
    ),
    outgoing=outgoing.OUTGOING,
    inside=INSIDE,
    projections=incoming.PROJECTIONS,
    reactions=incoming.REACTIONS,
    ignored=incoming.IGNORED,
    deadlines={
        referral.OVERDUE: referral.overdue,
        referral.EXPIRES: referral.expire,
        follow_up.DUE: follow_up.due,
        watching.FEEDBACK_MISSED: watching.feedback_missed,
    },
)
