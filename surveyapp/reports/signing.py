"""Ed25519 signatures under documents: the only module that knows the library for them."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class SigningKey:
    """The key of an installation, and under which name it signs."""

    def __init__(self, private: bytes, *, signed_by: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(private)
        self.signed_by = signed_by
        self.public_key = self._private.public_key().public_bytes_raw().hex()

    def sign(self, statement: bytes) -> str:
        """Return the signature, hexadecimal; the same statement always has the same."""
        return self._private.sign(statement).hex()


def is_signed(statement: bytes, *, signature: str, public_key: str) -> bool:
    """Tell whether the owner of the public key signed the statement."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), statement)
    except (InvalidSignature, ValueError):
        return False
    return True
