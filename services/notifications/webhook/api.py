"""How an agency says where its systems want to be told of what, sees how that goes, and asks for it once more."""

import asyncio
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from contracts.vocabulary import Moment
from infra.chassis.allowance import Allowance
from infra.chassis.caller import Caller, may
from infra.chassis.db import Tx
from infra.chassis.edge import Edge, IfMatch, InTx, Running, etag
from infra.chassis.paging import After, Limit, Page
from infra.chassis.policy import Record
from infra.chassis.problems import responses
from infra.chassis.sent import In, example
from infra.chassis.service import Runtime
from services.notifications.settings import NotificationsSettings
from services.notifications.webhook import addresses, domain, listing, message, signing, store, use_cases
from services.notifications.webhook.domain import Progress, Subscription
from services.notifications.webhook.outside import Answer, Outside, Unreachable
from services.notifications.webhook.views import (
    DeliveryOut,
    EventOut,
    PingOut,
    RegisteredOut,
    ReplayOut,
    SecretOut,
    SubscriptionOut,
)

router = APIRouter(prefix="/v1/webhooks", route_class=Edge, tags=["webhook"], responses=responses())

PINGS: Final = Allowance(10, timedelta(minutes=1))
"""Whoever may ask us to send something may not make us knock at somebody's door all day."""

Url = Annotated[str, StringConstraints(max_length=2000)]
Types = Annotated[list[str], Field(max_length=100, description="Of `GET /v1/webhooks/events`.")]


class SubscriptionIn(
    In,
    json_schema_extra=example(
        url="https://case-system.example/lotse",
        types=["lotse.referrals.referral-accepted", "lotse.referrals.referral-completed"],
    ),
):
    """Where, and of what."""

    url: Url
    types: Types


class ChangeIn(In, json_schema_extra=example(types=["lotse.referrals.referral-accepted"])):
    """What is left out stays as it is."""

    url: Url | None = None
    types: Types | None = None


class ReplayIn(In, json_schema_extra=example(since="2026-11-22T00:00:00Z")):
    """From when on: the `time` of the events."""

    since: Moment


@router.get("/events", summary="What can be subscribed to")
async def events(who: Caller = may("webhook:read"), tx: Tx = InTx) -> list[EventOut]:
    """Every event, what of it is sent, and which agencies get it."""
    await who.allow(tx, _owned(who))
    return EventOut.all()


@router.post("", status_code=201, summary="Subscribe", responses=responses(409))
async def register(
    body: SubscriptionIn,
    response: Response,
    who: Caller = may("webhook:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> RegisteredOut:
    """From now on what happens is sent to this address, as far as the agency may know of it. Keep the secret."""
    await who.allow(tx, _owned(who))
    url, types = _url(body.url, runtime), domain.checked_types(body.types)
    made, secret = await use_cases.register(tx, who.agency, who.principal.subject, url, types)
    response.headers["Location"] = f"/v1/webhooks/{made.id}"
    etag(response, made.version)
    return RegisteredOut.with_secret(made, secret, tx.system_now)


@router.get("", summary="The agency's subscriptions")
async def of_agency(who: Caller = may("webhook:read"), tx: Tx = InTx) -> list[SubscriptionOut]:
    """All of them with how their receivers do, oldest first."""
    await who.allow(tx, _owned(who))
    found = await store.of_agency(tx, who.agency)
    backlogs = await listing.backlogs(tx, [one.id for one in found])
    return [SubscriptionOut.of(one, backlogs[one.id], tx.system_now) for one in found]


@router.get("/{webhook}", summary="One subscription")
async def read(webhook: UUID, response: Response, who: Caller = may("webhook:read"), tx: Tx = InTx) -> SubscriptionOut:
    """With its version, which a change needs."""
    return await _out(tx, await _own(who, tx, webhook), response)


@router.patch("/{webhook}", summary="Change a subscription", responses=responses(412, 428))
async def change(
    webhook: UUID,
    body: ChangeIn,
    response: Response,
    who: Caller = may("webhook:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
    version: int = IfMatch,
) -> SubscriptionOut:
    """What waits already goes to the new address. The secret stays; rotate it if the old receiver may not keep it."""
    await _own(who, tx, webhook)
    url = None if body.url is None else _url(body.url, runtime)
    types = None if body.types is None else domain.checked_types(body.types)
    return await _out(tx, await use_cases.change(tx, webhook, who.principal.subject, url, types, version), response)


@router.delete("/{webhook}", status_code=204, summary="Unsubscribe")
async def remove(webhook: UUID, who: Caller = may("webhook:write"), tx: Tx = InTx) -> None:
    """What waits for it is forgotten."""
    await _own(who, tx, webhook)
    await use_cases.remove(tx, webhook)


@router.post("/{webhook}/pause", summary="Stop sending for a while", responses=responses(409))
async def pause(
    webhook: UUID, response: Response, who: Caller = may("webhook:write"), tx: Tx = InTx
) -> SubscriptionOut:
    """What happens meanwhile waits."""
    await _own(who, tx, webhook)
    return await _out(tx, await use_cases.pause_it(tx, webhook), response)


@router.post("/{webhook}/resume", summary="Send again", responses=responses(409))
async def resume(
    webhook: UUID, response: Response, who: Caller = may("webhook:write"), tx: Tx = InTx
) -> SubscriptionOut:
    """After a pause, or after we stopped it: everything that waits leaves, in order. The caller answers for it now."""
    await _own(who, tx, webhook)
    return await _out(tx, await use_cases.resume(tx, webhook, who.principal.subject), response)


@router.post("/{webhook}/secret", summary="Get a new secret")
async def rotate(webhook: UUID, who: Caller = may("webhook:write"), tx: Tx = InTx) -> SecretOut:
    """For a day both secrets sign, so that the receiver can change over in its own time."""
    await _own(who, tx, webhook)
    secret, until = await use_cases.rotate(tx, webhook)
    return SecretOut(secret=signing.shown(secret), before_until=until)


@router.post("/{webhook}/ping", summary="Send a test event now", responses=responses(429))
async def ping(
    webhook: UUID,
    who: Caller = may("webhook:write"),
    tx: Tx = InTx,
    runtime: Runtime = Running,
) -> PingOut:
    """Signed like any other event, and of no consequence. Tells what the receiver said; 200 whatever that was."""
    one = await _own(who, tx, webhook)
    PINGS.spend(who.principal.subject, tx.system_now)
    id_ = tx.ids.ordered()
    body = message.ping(one, id_, runtime.outbox.source, tx.system_now)
    headers = message.headers(id_, body, await store.secrets_of(tx, webhook), tx.system_now)
    now = asyncio.get_running_loop().time
    began = now()
    settings = _settings(runtime)
    try:
        async with Outside(loopback=settings.webhooks_to_loopback, seconds=settings.webhook_seconds) as outside:
            answer = await outside.post(one.url, headers, body)
    except Unreachable as error:
        return PingOut(delivered=False, status=None, problem=error.problem, said="", milliseconds=_ms(now() - began))
    return PingOut(
        delivered=answer.problem is None,
        status=answer.status,
        problem=answer.problem,
        said=_text(answer),
        milliseconds=_ms(now() - began),
    )


@router.get("/{webhook}/deliveries", summary="What was sent, and what waits")
async def deliveries(
    webhook: UUID,
    who: Caller = may("webhook:read"),
    tx: Tx = InTx,
    state: Annotated[Progress | None, Query(description="All if left out.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[DeliveryOut]:
    """Newest first. What was delivered is kept for 30 days."""
    await _own(who, tx, webhook)
    found, following = await listing.page(tx, webhook, state=state, limit=limit, after=after)
    return Page(items=[DeliveryOut.of(one) for one in found], next=following)


@router.post("/{webhook}/deliveries/{delivery}/replay", summary="Send one event once more")
async def replay(webhook: UUID, delivery: UUID, who: Caller = may("webhook:write"), tx: Tx = InTx) -> DeliveryOut:
    """Under its own `webhook-id`, if the agency may still know of it."""
    await _own(who, tx, webhook)
    return DeliveryOut.of(await use_cases.replay(tx, webhook, delivery))


@router.post("/{webhook}/replay", summary="Send everything since then once more")
async def replay_since(webhook: UUID, body: ReplayIn, who: Caller = may("webhook:write"), tx: Tx = InTx) -> ReplayOut:
    """Delivered, withheld and parked alike; each is sent if the agency may know of it now. In order per participant."""
    await _own(who, tx, webhook)
    return ReplayOut(queued=await use_cases.replay_since(tx, webhook, body.since))


async def _own(who: Caller, tx: Tx, webhook: UUID) -> Subscription:
    found = await store.load(tx, webhook)
    await who.allow(tx, Record("webhook", str(webhook), owners=frozenset({found.agency})))
    return found


async def _out(tx: Tx, one: Subscription, response: Response) -> SubscriptionOut:
    etag(response, one.version)
    return SubscriptionOut.of(one, (await listing.backlogs(tx, [one.id]))[one.id], tx.system_now)


def _owned(who: Caller) -> Record:
    return Record("webhook", owners=frozenset({who.agency}))


def _url(url: str, runtime: Runtime) -> str:
    return addresses.checked_url(url, loopback=_settings(runtime).webhooks_to_loopback)


def _settings(runtime: Runtime) -> NotificationsSettings:
    if not isinstance(runtime.settings, NotificationsSettings):
        raise TypeError("webhooks need the settings of notifications")
    return runtime.settings


def _text(answer: Answer) -> str:
    return "".join(one for one in answer.said.decode(errors="replace") if one.isprintable())


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
