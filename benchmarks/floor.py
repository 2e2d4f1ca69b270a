"""What registration is measured against: FastAPI that answers without a database, and the tutorial's way to insert."""

import os
from typing import Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI
from pydantic import BaseModel
from sqlalchemy import JSON, Column
from sqlmodel import Field, Session, SQLModel, create_engine


class Birth(BaseModel):
    year: int | None = None
    month: int | None = None
    day: int | None = None


class Identity(BaseModel):
    given_name: str = ""
    family_name: str = ""
    birth: Birth = Birth()


class Contact(BaseModel):
    phone: str | None = None
    email: str | None = None
    address: str | None = None


class Registration(BaseModel):
    """The same body as `POST /v1/participants`."""

    identity: Identity
    contact: Contact = Contact()
    language: str | None = None


class Registered(Registration):
    id: UUID


def without_database() -> FastAPI:
    """The floor of G3: parse, answer."""
    app = FastAPI()

    @app.post("/v1/participants", status_code=201)
    async def register(body: Registration) -> Registered:
        return Registered(id=uuid4(), **body.model_dump())

    return app


class Row(SQLModel, table=True):
    __tablename__ = "tutorial"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    given_name: str
    family_name: str
    birth: dict[str, Any] = Field(sa_column=Column(JSON))
    contact: dict[str, Any] = Field(sa_column=Column(JSON))
    language: str | None = None


def tutorial() -> FastAPI:
    """The peer of G4: `def` + SQLModel session, as the tutorial shows; no token, policy, sealing, audit or outbox."""
    engine = create_engine(os.environ["TUTORIAL_DATABASE_URL"], pool_size=16)
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables["tutorial"]])
    app = FastAPI()

    def session() -> Any:
        with Session(engine) as opened:
            yield opened

    @app.post("/v1/participants", status_code=201)
    def register(body: Registration, db: Session = Depends(session)) -> Registered:
        row = Row(
            given_name=body.identity.given_name,
            family_name=body.identity.family_name,
            birth=body.identity.birth.model_dump(),
            contact=body.contact.model_dump(),
            language=body.language,
        )
        db.add(row)
        db.commit()
        db.refresh(row)
        return Registered(id=row.id, **body.model_dump())

    return app
