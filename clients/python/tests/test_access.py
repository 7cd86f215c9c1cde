"""A server that asks who is there: tokens and roles, as the client sends them."""

import hashlib
import unittest
from pathlib import Path

import grpc
from concentric.v1 import ledger_service_pb2 as pb
from concentric_client import Client

from . import processes, samples

ENTRY = """
[[token]]
sha256 = "{}"
subject = "reader"
tenant = "street"
role = "viewer"
"""


class Access(unittest.TestCase):
    """Tokens of a file."""

    @classmethod
    def setUpClass(cls):
        home = processes.folder(cls)
        tokens = Path(home, "tokens.toml")
        tokens.write_text(ENTRY.format(hashlib.sha256(b"secret").hexdigest()))
        _, cls.address = processes.server(cls, f"sqlite:{home}/t.db", "--tokens", str(tokens))

    def test_tokens_are_asked_for_and_believed(self):
        listing, create = pb.ListLedgersRequest(), pb.CreateLedgerRequest()
        tried = [(None, listing, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING"),
                 ("other", listing, grpc.StatusCode.UNAUTHENTICATED, "TOKEN_INVALID"),
                 ("secret", create, grpc.StatusCode.PERMISSION_DENIED, "ACCESS_DENIED")]
        for token, request, code, reason in tried:
            with self.subTest(reason), Client(self.address, token=token) as client:
                method = (client.ledgers.ListLedgers if request is listing
                          else client.ledgers.CreateLedger)
                with samples.refused(self, code, reason):
                    method(request, timeout=processes.PATIENCE)
        with Client(self.address, token="secret") as client:
            answer, _ = samples.ask(client.ledgers.ListLedgers, listing)
        self.assertFalse(answer.ledgers)
