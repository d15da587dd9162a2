"""Build the application: settings, then extensions, then entry points."""

from flask import Flask
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from surveyapp import log, web
from surveyapp.extensions import State, connect_database, csrf, engine_options
from surveyapp.queueing import Queue
from surveyapp.queueing.huey_queue import HueyQueue
from surveyapp.settings import Settings
from surveyapp.storage.files import FileStore


def create_app(settings: Settings | None = None, *, queue: Queue | None = None) -> Flask:
    """Return a Flask application for these settings, or for the environment's."""
    settings = settings or Settings.from_env()
    log.configure(level=settings.log_level, as_json=settings.log_json)
    app = Flask("surveyapp.web")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
    )
    app.extensions["surveyapp"] = State(
        settings=settings,
        queue=queue or _queue(settings),
        store=FileStore(settings.storage),
        limiter=MovingWindowRateLimiter(storage_from_string(settings.rate_limits_url)),
    )
    connect_database(app)
    csrf.init_app(app)
    web.register(app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign] # as Flask documents it
    return app


def _queue(settings: Settings) -> HueyQueue:
    if settings.database_url.startswith("postgresql"):
        return HueyQueue.in_postgres(settings.database_url.replace("+psycopg", "", 1))
    return HueyQueue.in_file(settings.queue_path)
