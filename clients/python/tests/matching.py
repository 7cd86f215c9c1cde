"""Drives `MatchService`: plans, checks and verification within one call."""

import json

from concentric.v1 import match_service_pb2 as pb
from concentric.v1 import plan_pb2
from grpc import StatusCode

from .processes import PATIENCE
from .samples import ask, example, ledger, refused


def drive(case, a, b):
    """Both servers make the same plan; a wrong ledger is told all its faults."""
    content = example("first")
    plan = ask(a.matching.Match, pb.MatchRequest(ledger_json=content))[0].plan
    case.assertEqual(plan.termination.reason, plan_pb2.TERMINATION_REASON_OPTIMAL)
    served = {(row.offer, row.need): row.quantity for row in plan.assignments}
    case.assertEqual(served[("checks", "east_checks")], 25)
    told = list(b.matching.StreamMatch(pb.StreamMatchRequest(ledger_json=content),
                                       timeout=PATIENCE))
    case.assertTrue(all(answer.WhichOneof("kind") == "progress" for answer in told[:-1]), told)
    case.assertEqual(told[-1].result.plan.SerializeToString(deterministic=True),
                     plan.SerializeToString(deterministic=True))
    _verdicts(case, a, b, content, plan)
    _faults(case, a, b)


def _verdicts(case, a, b, content, plan):
    request = pb.VerifyPlanRequest(ledger_json=content, plan=plan)
    verdict, _ = ask(a.matching.VerifyPlan, request)
    case.assertTrue(verdict.holds, verdict)
    case.assertEqual([level.value for level in verdict.levels],
                     [level.value for level in plan.levels])
    request.plan.assignments[0].quantity += 1
    verdict, _ = ask(b.matching.VerifyPlan, request)
    case.assertFalse(verdict.holds)
    case.assertTrue(verdict.broken and verdict.detail, verdict)


def _faults(case, a, b):
    good, _ = ask(a.matching.Validate, pb.ValidateRequest(ledger=ledger("x")))
    case.assertFalse(good.issues)
    case.assertTrue(good.ledger_digest.startswith("sha256:"))
    wrong = ledger("x")
    wrong.offers[0].unit = "nobody"
    wrong.needs[1].quantity = 0
    paths = {"offers[0].unit": "UNKNOWN_REFERENCE", "needs[1].quantity": "VALUE_OUT_OF_RANGE"}
    told, _ = ask(b.matching.Validate, pb.ValidateRequest(ledger=wrong))
    case.assertEqual({issue.path: issue.code for issue in told.issues}, paths)
    for request in (pb.MatchRequest(ledger=wrong), pb.MatchRequest(ledger_json=_as_file(wrong))):
        first = told.issues[0]
        with refused(case, StatusCode.INVALID_ARGUMENT, first.code) as why:
            a.matching.Match(request, timeout=PATIENCE)
        case.assertEqual({fault.path: fault.reason for fault in why[0].violations}, paths)
        case.assertTrue(why[0].english.startswith(f"{first.path}: "), why[0])
        case.assertTrue(all(fault.text for fault in why[0].violations))
    with refused(case, StatusCode.INVALID_ARGUMENT, "FIELD_REQUIRED") as why:
        b.matching.Match(pb.MatchRequest(), timeout=PATIENCE)
    case.assertEqual([fault.path for fault in why[0].violations], ["source"])


def _as_file(message):
    """The same small ledger as a file."""
    units = [{"id": unit.id} for unit in message.units]
    offers = [{"id": o.id, "unit": o.unit, "quantity": o.quantity} for o in message.offers]
    needs = [{"id": need.id, "quantity": need.quantity} for need in message.needs]
    parts = {"format": message.format, "units": units, "offers": offers, "needs": needs}
    return json.dumps(parts).encode()
