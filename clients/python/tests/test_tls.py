"""TLS as the client speaks it: whom it believes, and whom the server lets in."""

import sys
import unittest
from pathlib import Path

import grpc
from concentric.v1 import ledger_service_pb2 as pb
from concentric_client import Client

from . import certificates, processes, samples


class Tls(unittest.TestCase):
    """Two authorities: one that both sides know, and another."""

    @classmethod
    def setUpClass(cls):
        if not certificates.can_be_made():
            print("skipped: TLS, there is no openssl", file=sys.stderr)
            raise unittest.SkipTest("no openssl")
        home = processes.folder(cls)
        cls.ours = certificates.Authority(home, "ours")
        cls.theirs = certificates.Authority(home, "theirs")
        certificate, key = cls.ours.signed("server")
        tls = ["--tls-cert", certificate, "--tls-key", key]
        _, cls.open = processes.server(cls, f"sqlite:{home}/open.db", *tls)
        closed = [*tls, "--tls-client-ca", cls.ours.path]
        _, cls.closed = processes.server(cls, f"sqlite:{home}/closed.db", *closed)

    def answered(self, address, credentials):
        """Holds that a call is answered."""
        with Client(address, credentials=credentials) as client:
            answer, _ = samples.ask(client.ledgers.ListLedgers, pb.ListLedgersRequest())
        self.assertFalse(answer.ledgers)

    def unheard(self, address, credentials):
        """Holds that no call comes through; what the error says."""
        with Client(address, credentials=credentials) as client:
            with self.assertRaises(grpc.RpcError) as caught:
                samples.ask(client.ledgers.ListLedgers, pb.ListLedgersRequest())
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
        return caught.exception.details()

    def test_only_a_server_of_a_known_authority_is_spoken_to(self):
        self.answered(self.open, grpc.ssl_channel_credentials(self.ours.root))
        said = self.unheard(self.open, grpc.ssl_channel_credentials(self.theirs.root))
        self.assertIn("CERTIFICATE_VERIFY_FAILED", said)
        # Not in the clear either.
        self.unheard(self.open, None)

    def test_a_server_asks_for_the_certificate_of_the_client(self):
        def credentials(authority):
            certificate, key = (Path(path).read_bytes() for path in authority.signed("grid"))
            return grpc.ssl_channel_credentials(self.ours.root, key, certificate)

        self.answered(self.closed, credentials(self.ours))
        self.unheard(self.closed, credentials(self.theirs))
        self.unheard(self.closed, grpc.ssl_channel_credentials(self.ours.root))
