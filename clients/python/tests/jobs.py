"""Drives `JobService` and `PlanService`: made by one server, seen by the other."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor

from concentric.v1 import job_pb2, job_service_pb2, ledger_service_pb2, match_service_pb2
from concentric.v1 import options_pb2, plan_service_pb2
from google.protobuf.duration_pb2 import Duration
from grpc import StatusCode

from .processes import PATIENCE
from .samples import ask, example, ledger, refused, replayed, request_id


def drive(case, a, b):
    """From a job to its withdrawn plan."""
    kept = ledger_service_pb2.CreateLedgerRequest(ledger=ledger("jobs"))
    source = ask(a.ledgers.CreateLedger, kept)[0].ledger
    create = job_service_pb2.CreateMatchJobRequest(
        ledger_name=source.name, request_id=request_id()
    )
    # Sent to both at once, as by a client that lost the answer.
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(ask, server.jobs.CreateMatchJob, create) for server in (a, b)]
    answers = [answer.result() for answer in asked]
    case.assertEqual(sorted(replayed(call) for _, call in answers), [False, True])
    names = {answer.job.name for answer, _ in answers}
    case.assertEqual(len(names), 1, names)
    name = names.pop()
    ended = _events(case, a, b, name)
    case.assertEqual(ended.ledger, f"{source.name}/versions/1")
    listed, _ = ask(b.jobs.ListJobs, job_service_pb2.ListJobsRequest(
        filter=f'state = "SUCCEEDED" AND request_id = "{create.request_id}"'))
    case.assertEqual([job.name for job in listed.jobs], [name])
    create.options.seed = 7
    with refused(case, StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED"):
        a.jobs.CreateMatchJob(create)
    with refused(case, StatusCode.FAILED_PRECONDITION, "JOB_NOT_CANCELLABLE") as why:
        b.jobs.CancelJob(job_service_pb2.CancelJobRequest(name=name))
    case.assertEqual(why[0].metadata["state"], "SUCCEEDED")
    with refused(case, StatusCode.PERMISSION_DENIED, "ACCESS_DENIED"):
        a.jobs.GetJob(job_service_pb2.GetJobRequest(name=name.replace("default", "other")))
    _cancel(case, a, b)
    _plans(case, a, b, ended, source)


def _events(case, a, b, name):
    """Watches through both servers; the ended job."""
    whole = list(b.watch(name))
    numbers = [event.sequence for event in whole]
    case.assertEqual(numbers, list(range(1, len(whole) + 1)))
    states = [event.state for event in whole if event.WhichOneof("kind") == "state"]
    case.assertEqual(states, [job_pb2.JOB_STATE_QUEUED, job_pb2.JOB_STATE_RUNNING,
                              job_pb2.JOB_STATE_SUCCEEDED])
    for after in (1, len(whole) - 1, len(whole)):
        case.assertEqual(list(a.watch(name, after)), whole[after:])
    ended = ask(a.jobs.WaitJob, job_service_pb2.WaitJobRequest(name=name))[0].job
    case.assertEqual(ended, ask(b.jobs.GetJob, job_service_pb2.GetJobRequest(name=name))[0].job)
    case.assertEqual((ended.state, ended.attempt), (job_pb2.JOB_STATE_SUCCEEDED, 1))
    case.assertEqual(ended.last_sequence, len(whole))
    return ended


def _cancel(case, a, b):
    """A long job that one server made is cancelled through the other, while it runs."""
    request = job_service_pb2.CreateMatchJobRequest(
        ledger_json=example("yixin"), options=options_pb2.Options(time_limit=Duration(seconds=600))
    )
    name = ask(a.jobs.CreateMatchJob, request)[0].job.name
    for event in b.watch(name):
        if event.state == job_pb2.JOB_STATE_RUNNING:
            ask(b.jobs.CancelJob, job_service_pb2.CancelJobRequest(name=name))
    ended = ask(a.jobs.GetJob, job_service_pb2.GetJobRequest(name=name))[0].job
    case.assertEqual(ended.state, job_pb2.JOB_STATE_CANCELLED)
    case.assertTrue(ended.cancel_requested)


def _plans(case, a, b, job, source):
    get = plan_service_pb2.GetPlanRequest(name=job.plan)
    stored = ask(a.plans.GetPlan, get)[0].plan
    case.assertEqual((stored.job, stored.state), (job.name, plan_service_pb2.PLAN_STATE_DRAFT))
    verify = match_service_pb2.VerifyPlanRequest(ledger_name=source.name, plan=stored.plan)
    case.assertTrue(ask(b.matching.VerifyPlan, verify)[0].holds)
    same = plan_service_pb2.DiffPlansRequest(before=job.plan, after=job.plan)
    diff = ask(a.plans.DiffPlans, same)[0].diff
    case.assertEqual(diff.unchanged, len(stored.plan.assignments))
    case.assertFalse(diff.added or diff.dropped or diff.changed)
    export = plan_service_pb2.ExportPlanRequest(
        name=job.plan, format=plan_service_pb2.EXPORT_FORMAT_CSV
    )
    file = ask(b.plans.ExportPlan, export)[0]
    lines = list(csv.DictReader(io.StringIO(file.content.decode())))
    case.assertEqual(
        [(line["offer"], line["need"], int(line["quantity"])) for line in lines],
        [(given.offer, given.need, given.quantity) for given in stored.plan.assignments],
    )
    publish = plan_service_pb2.PublishPlanRequest(name=job.plan, etag=stored.etag)
    public = ask(b.plans.PublishPlan, publish)[0].plan
    case.assertEqual(public.state, plan_service_pb2.PLAN_STATE_PUBLISHED)
    withdraw = plan_service_pb2.WithdrawPlanRequest(name=job.plan, etag=stored.etag)
    with refused(case, StatusCode.ABORTED, "ETAG_MISMATCH") as why:
        a.plans.WithdrawPlan(withdraw, timeout=PATIENCE)
    case.assertEqual(why[0].metadata["current_etag"], public.etag)
    listed, _ = ask(a.plans.ListPlans,
                    plan_service_pb2.ListPlansRequest(filter='state = "PUBLISHED"'))
    case.assertEqual([plan.name for plan in listed.plans], [job.plan])
    withdraw.etag = public.etag
    ask(a.plans.WithdrawPlan, withdraw)
    with refused(case, StatusCode.FAILED_PRECONDITION, "PLAN_STALE"):
        b.plans.PublishPlan(plan_service_pb2.PublishPlanRequest(name=job.plan))
