"""Drives `LedgerService` through two servers on one store."""

import hashlib
import json

from concentric.v1 import ledger_service_pb2 as pb
from grpc import StatusCode

from .processes import PATIENCE
from .samples import ask, example, ledger, refused, replayed, request_id

CHUNK = 16 << 10


def drive(case, a, b):
    """Versions are made by one server and read by the other."""
    create = pb.CreateLedgerRequest(ledger=ledger("street"), request_id=request_id())
    first, call = ask(a.ledgers.CreateLedger, create)
    case.assertFalse(replayed(call))
    again, call = ask(b.ledgers.CreateLedger, create)
    case.assertTrue(replayed(call))
    case.assertEqual(again, first)
    head = first.ledger
    case.assertEqual((head.name, head.version), ("tenants/default/ledgers/street", 1))
    other = pb.CreateLedgerRequest(ledger=ledger("lane"), request_id=create.request_id)
    with refused(case, StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED") as why:
        b.ledgers.CreateLedger(other)
    case.assertIn("first_seen", why[0].metadata)
    with refused(case, StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS"):
        b.ledgers.CreateLedger(pb.CreateLedgerRequest(ledger=ledger("street")))
    whole, _ = ask(b.ledgers.GetLedger, pb.GetLedgerRequest(name=head.name))
    case.assertEqual(_capacity(whole), 40)
    case.assertEqual([need.id for need in whole.ledger.ledger.needs], ["east", "west"])
    _versions(case, a, b, head)
    _pages(case, a, b)
    _upload(case, a, b)
    gone = pb.DeleteLedgerRequest(name=head.name, request_id=request_id())
    ask(a.ledgers.DeleteLedger, gone)
    case.assertTrue(replayed(ask(b.ledgers.DeleteLedger, gone)[1]))
    with refused(case, StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND"):
        b.ledgers.GetLedger(pb.GetLedgerRequest(name=head.name))


def _capacity(answer):
    return answer.ledger.ledger.offers[0].quantity


def _versions(case, a, b, head):
    change = pb.UpdateLedgerRequest(name=head.name, etag=head.etag, ledger=ledger("street", 60))
    second, _ = ask(b.ledgers.UpdateLedger, change)
    case.assertEqual(second.ledger.version, 2)
    with refused(case, StatusCode.ABORTED, "ETAG_MISMATCH") as why:
        a.ledgers.UpdateLedger(change)
    case.assertEqual(why[0].metadata["current_etag"], second.ledger.etag)
    change.ClearField("etag")
    with refused(case, StatusCode.INVALID_ARGUMENT, "ETAG_REQUIRED"):
        a.ledgers.UpdateLedger(change)
    past, _ = ask(a.ledgers.GetLedger, pb.GetLedgerRequest(name=f"{head.name}/versions/1"))
    case.assertEqual(_capacity(past), 40)
    newest, _ = ask(a.ledgers.GetLedger, pb.GetLedgerRequest(name=head.name))
    case.assertEqual(_capacity(newest), 60)
    listed, _ = ask(a.ledgers.ListLedgerVersions, pb.ListLedgerVersionsRequest(parent=head.name))
    case.assertEqual([version.version for version in listed.versions], [2, 1])


def _pages(case, a, b):
    """A page token of one server leads on at the other."""
    ask(a.ledgers.CreateLedger, pb.CreateLedgerRequest(ledger=ledger("lane")))
    names, token = [], ""
    for server in (a, b, a, b):
        page, _ = ask(server.ledgers.ListLedgers,
                      pb.ListLedgersRequest(page_size=1, page_token=token))
        names += [entry.name.rsplit("/", 1)[1] for entry in page.ledgers]
        token = page.next_page_token
        if not token:
            break
    case.assertEqual(names, ["lane", "street"])
    with refused(case, StatusCode.INVALID_ARGUMENT, "PAGE_TOKEN_INVALID"):
        a.ledgers.ListLedgers(pb.ListLedgersRequest(page_token="x"))


def _upload(case, a, b):
    content = example("luotang")
    records = json.loads(content)
    counts = {kind: len(records[kind]) for kind in ("units", "offers", "needs")}
    header = pb.UploadHeader(
        name="tenants/default/ledgers/large",
        format=pb.UPLOAD_FORMAT_JSON,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        counts=pb.LedgerCounts(**counts),
    )

    def parts():
        yield pb.UploadLedgerRequest(header=header)
        for at in range(0, len(content), CHUNK):
            yield pb.UploadLedgerRequest(chunk=content[at:at + CHUNK])

    stored = b.ledgers.UploadLedger(parts(), timeout=PATIENCE).ledger
    request = pb.GetLedgerRequest(name=stored.name, head_only=True)
    case.assertEqual(ask(a.ledgers.GetLedger, request)[0].ledger, stored)
    case.assertEqual(stored.counts, header.counts)
    header.sha256 = "0" * 64
    with refused(case, StatusCode.INVALID_ARGUMENT, "FILE_MALFORMED") as why:
        a.ledgers.UploadLedger(parts(), timeout=PATIENCE)
    case.assertEqual([wrong.path for wrong in why[0].violations], ["header.sha256"])
