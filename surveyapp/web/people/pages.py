"""What the pages about people share: their blueprint, and how they find one."""

import uuid

from flask import Blueprint
from sqlalchemy.orm import Session

from surveyapp.models.accounts import Contact
from surveyapp.services import contacts
from surveyapp.web import guards

blueprint = Blueprint("people", __name__, url_prefix="/p/<programme>/people")


def find(session: Session, contact_id: uuid.UUID) -> Contact:
    """Return the address's person. Raises NotFound when the asker may not see them."""
    return contacts.find(session, guards.programme(), contact_id, actor=guards.actor())
