"""Personal links: made from a key and the invitation, so none is stored; and what each side is called."""

import base64
import hashlib
import hmac
import uuid

from surveyapp.models.accounts import Relationship, Side
from surveyapp.models.waves import View, Wave
from surveyapp.services import waves


def token_for(invitation_id: uuid.UUID, generation: int, *, link_key: bytes) -> str:
    """Make the invitation's token: the same in every mail, in no database, gone with the key."""
    message = f"{invitation_id}|{generation}".encode()
    digest = hmac.new(link_key, message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def names_for(wave: Wave, relationship: Relationship) -> dict[str, str]:
    """Return the names behind ``{them}`` and ``{us}`` in a questionnaire: who is looked at, by whom.

    In a self-view the supplier's people answer as they think the buyer's people would, so the
    supplier is looked at, and by the buyer.
    """
    return names_of(wave, buyer=relationship.buyer.name, supplier=relationship.supplier.name)


def names_of(wave: Wave, *, buyer: str, supplier: str) -> dict[str, str]:
    """Return the same where only the two names are at hand."""
    if wave.view == View.SUPPLIER_ON_BUYER:
        return {"them": buyer, "us": supplier}
    return {"them": supplier, "us": buyer}


def companies_of(wave: Wave, relationship: Relationship) -> dict[str, str]:
    """Return the names behind ``{them}`` and ``{us}`` in mail: the other company, and one's own."""
    buyer, supplier = relationship.buyer.name, relationship.supplier.name
    if waves.side_of(wave.view) == Side.BUYER:
        return {"them": supplier, "us": buyer}
    return {"them": buyer, "us": supplier}
