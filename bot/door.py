"""How the running server proves to the command line that it is the one that wrote `server.json`."""

import hmac
import re

PROOF_PATH = "control/proof"
NONCE = re.compile(r"[0-9a-f]{64}")


def proof(token: str, nonce: str) -> str:
    """Return what only a holder of the token can answer to this nonce; it tells nothing of the token."""
    return hmac.digest(token.encode(), f"shouhou door {nonce}".encode(), "sha256").hex()
