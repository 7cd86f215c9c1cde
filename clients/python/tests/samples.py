"""Ledgers and requests that several tests send, and what they all ask of a refusal."""

import contextlib
import uuid
from pathlib import Path

import grpc
from concentric.v1 import ledger_pb2
from concentric_client import refusal

from .processes import PATIENCE, REPOSITORY


def example(name):
    """Bytes of an example ledger."""
    return Path(REPOSITORY, "examples", "ledgers", f"{name}.json").read_bytes()


def ledger(identity, capacity=40):
    """Two needs, 25 and 30, and one offer."""
    return ledger_pb2.Ledger(
        format="concentric.ledger/v1",
        id=identity,
        units=[ledger_pb2.Unit(id="clinic")],
        offers=[ledger_pb2.Offer(id="checks", unit="clinic", quantity=capacity)],
        needs=[ledger_pb2.Need(id="east", quantity=25), ledger_pb2.Need(id="west", quantity=30)],
    )


def request_id():
    """A new UUID of version 4."""
    return str(uuid.uuid4())


def replayed(call):
    """Whether an answer is an old one, from the call of `with_call`."""
    return dict(call.initial_metadata()).get("idempotent-replay") == "true"


def ask(method, request):
    """Calls a unary method; the answer and the call."""
    return method.with_call(request, timeout=PATIENCE)


@contextlib.contextmanager
def refused(case, code, reason):
    """Holds that what is called inside is refused, with all that every refusal carries; yields
    a list that then holds the refusal."""
    found = []
    with case.assertRaises(grpc.RpcError) as caught:
        yield found
    said = refusal(caught.exception)
    case.assertIsNotNone(said, caught.exception)
    case.assertEqual((said.code, said.reason), (code, reason), said)
    case.assertEqual(said.domain, "concentric.v1")
    case.assertTrue(said.english.isascii() and said.english, said)
    case.assertTrue(any("\u4e00" <= letter <= "\u9fff" for letter in said.chinese), said)
    found.append(said)
