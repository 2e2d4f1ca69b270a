"""The process of the desk."""

from infra.chassis import logs, process, serving
from services.desk.app import create_app
from services.desk.desk import opened
from services.desk.settings import DeskSettings


async def serve() -> None:
    """Until it is asked to end."""
    settings = DeskSettings()
    logs.set_up("desk", json=settings.environment == "production")
    async with opened(settings) as desk:
        await serving.serve(create_app(desk), settings.host, settings.port)


if __name__ == "__main__":
    process.run(serve())
