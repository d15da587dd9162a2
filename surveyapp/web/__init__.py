"""Pages: what a browser gets. The only job here is to turn requests into calls of services."""

from flask import Flask

from surveyapp.extensions import csrf
from surveyapp.web import (
    account,
    archives,
    auth,
    coverage,
    errors,
    filters,
    guards,
    headers,
    health,
    home,
    imports,
    job_words,
    jobs,
    kpis,
    languages,
    listing,
    mail,
    members,
    method,
    navigation,
    overview,
    people,
    programme,
    relationships,
    request_log,
    respond,
    scoring,
    search,
    stop,
    waves,
)


def register(app: Flask) -> None:
    """Attach every page, error page, header and filter to the application."""
    for blueprint in (
        account.blueprint,
        auth.blueprint,
        coverage.blueprint,
        health.blueprint,
        home.blueprint,
        imports.blueprint,
        jobs.blueprint,
        kpis.blueprint,
        mail.blueprint,
        members.blueprint,
        method.blueprint,
        overview.blueprint,
        people.blueprint,
        programme.blueprint,
        relationships.blueprint,
        respond.blueprint,
        archives.blueprint,  # that of all results
        scoring.blueprint,
        search.blueprint,
        stop.blueprint,
        waves.blueprint,
    ):
        app.register_blueprint(blueprint)
    # its forms carry their own signed token, which outlives the browser's session
    csrf.exempt(respond.blueprint)
    # a mail provider presses its button, without a cookie: the link is the key
    csrf.exempt(stop.blueprint)
    # it checks its token itself, once it knows who may send so much
    csrf.exempt(imports.upload)
    csrf.exempt(kpis.importing.upload)
    languages.register(app)
    guards.register(app)
    listing.register(app)
    request_log.register(app)
    headers.register(app)
    errors.register(app)
    filters.register(app)
    job_words.register(app)
    navigation.register(app)
