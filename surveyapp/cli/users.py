"""``surveyapp users``: let people sign in, and give them roles."""

import sys

import click

from surveyapp.cli.application import operator, with_application
from surveyapp.clock import utcnow
from surveyapp.errors import Invalid
from surveyapp.extensions import db, state, transaction
from surveyapp.models.people import Role, User
from surveyapp.services import members, passwords, programmes, users


@click.group("users")
def command() -> None:
    """Let people sign in, and give them roles."""


@command.command("create")
@click.argument("email")
@click.option("--name", required=True, help="The person's name as others read it.")
@click.option("--programme", metavar="SLUG", help="Give a role in this programme.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OWNER.value,
    show_default=True,
    help="What the person is there.",
)
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input. Else a link to choose one is printed.",
)
@with_application
def create(
    email: str, *, name: str, programme: str | None, role: str, password_stdin: bool
) -> None:
    """Make an account for EMAIL."""
    hashed = _read_password(email, name) if password_stdin else ""
    with transaction() as session:
        user = users.create(session, email=email, name=name, at=utcnow())
        if hashed:
            users.set_password(session, user, hashed, at=utcnow())
        if programme:
            found = programmes.find(session, programme)
            members.join(session, found, user, Role(role), by=operator(), at=utcnow())
    click.echo(f"{user.email} is there.")
    if not hashed:
        _print_link(user)


@command.command("list")
@with_application
def list_() -> None:
    """List the accounts of this installation."""
    found = users.listed(db.session())
    for user in found:
        state_ = "shut" if user.disabled_at else "open" if user.password_hash else "no password"
        click.echo(f"{user.email}\t{state_}\t{user.name}")
    if not found:
        click.echo("There is no account yet: surveyapp users create EMAIL --name NAME")


@command.command("link")
@click.argument("email")
@with_application
def link(email: str) -> None:
    """Print an address at which EMAIL chooses a new password: once, within three days."""
    _print_link(users.find(db.session(), email))


@command.command("join")
@click.argument("email")
@click.argument("programme")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default=Role.OWNER.value,
    show_default=True,
    help="What the person is there.",
)
@with_application
def join(email: str, programme: str, *, role: str) -> None:
    """Give EMAIL a role in PROGRAMME."""
    with transaction() as session:
        user = users.find(session, email)
        found = programmes.find(session, programme)
        members.join(session, found, user, Role(role), by=operator(), at=utcnow())
    click.echo(f"{user.email} is {role} of {found.name}.")


@command.command("disable")
@click.argument("email")
@with_application
def disable(email: str) -> None:
    """Shut the account of EMAIL: nobody signs in with it, and whoever is signed in is out."""
    with transaction() as session:
        users.disable(session, users.find(session, email), at=utcnow())
    click.echo(f"{email} is shut. Open it again: surveyapp users enable {email}")


@command.command("enable")
@click.argument("email")
@with_application
def enable(email: str) -> None:
    """Open the account of EMAIL again."""
    with transaction() as session:
        users.enable(session, users.find(session, email))
    click.echo(f"{email} is open.")


def _read_password(email: str, name: str) -> str:
    """Read a password and hash it, before any transaction begins. Raises Invalid."""
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise Invalid("There is no password on standard input. Write one line.")
    users.check_password(User(email=email.lower(), name=name), password)
    return passwords.hashed(password)


def _print_link(user: User) -> None:
    settings = state().settings
    address = users.password_link(user, base_url=settings.base_url, secret_key=settings.secret_key)
    click.echo(f"Choose a password, once, within three days: {address}")
