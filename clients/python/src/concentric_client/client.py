"""A connection, its stubs, and jobs from their making to their plan.

In: addresses, ledgers as bytes. Out: messages of `concentric.v1`. What broke on the way is
asked again, in ways that cannot do a thing twice: a job is made under a request id, events
are asked for from the last one seen.
"""

import time
import uuid

import grpc
from google.protobuf.duration_pb2 import Duration

from concentric.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from concentric.v1 import ledger_service_pb2_grpc, match_service_pb2_grpc
from concentric.v1 import options_pb2, plan_service_pb2, plan_service_pb2_grpc

from .refusals import refusal

# Plans of large ledgers pass the 4 MiB that gRPC takes by default.
LARGEST = 256 << 20
OVER = (job_pb2.JOB_STATE_SUCCEEDED, job_pb2.JOB_STATE_FAILED, job_pb2.JOB_STATE_CANCELLED)


def is_over(state):
    """Whether a job in this state has ended."""
    return state in OVER


class Client:
    """Stubs of all services on one channel: `matching`, `ledgers`, `jobs`, `plans`.

    `target` is the address of a server, or several IPv4 addresses of servers that share a
    store, `10.0.0.1:7411,10.0.0.2:7411`: where one goes away, the next one is asked.
    `credentials` (`grpc.ssl_channel_credentials`) turns TLS on, `token` is sent as a bearer
    token. A call that the helpers repeat is given up after `tries` failures in a row.
    """

    def __init__(self, target="127.0.0.1:7411", *, credentials=None, token=None,
                 interceptors=(), tries=6):
        options = [("grpc.max_receive_message_length", LARGEST)]
        if "," in target:
            # Without it the list itself would be sent as the name of the server.
            options.append(("grpc.default_authority", target.split(",")[0]))
            target = f"ipv4:{target}"
        if credentials is None:
            channel = grpc.insecure_channel(target, options)
        else:
            channel = grpc.secure_channel(target, credentials, options)
        bearer = () if token is None else (_Bearer(token),)
        self._channel = channel
        self.tries = tries
        self.channel = grpc.intercept_channel(channel, *bearer, *interceptors)
        self.matching = match_service_pb2_grpc.MatchServiceStub(self.channel)
        self.ledgers = ledger_service_pb2_grpc.LedgerServiceStub(self.channel)
        self.jobs = job_service_pb2_grpc.JobServiceStub(self.channel)
        self.plans = plan_service_pb2_grpc.PlanServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the connection; calls in progress are cancelled."""
        self._channel.close()

    def submit(self, ledger_json, *, request_id=None, scenario="", time_limit=None, **options):
        """Makes a job of a ledger file and answers with it. `time_limit` is in seconds, the
        rest as in `concentric.v1.Options`. Under one request id there is one job."""
        if time_limit is not None:
            options["time_limit"] = Duration(nanos=round(time_limit % 1 * 1e9),
                                             seconds=int(time_limit))
        request = job_service_pb2.CreateMatchJobRequest(
            request_id=request_id or str(uuid.uuid4()),
            ledger_json=ledger_json,
            scenario=scenario,
            options=options_pb2.Options(**options),
        )
        return self._insist(lambda: self.jobs.CreateMatchJob(request, timeout=60)).job

    def watch(self, name, after=0):
        """Events of a job behind number `after`, each once and in order, until it has ended."""
        failures = 0
        while True:
            request = job_service_pb2.WatchJobRequest(name=name, after_sequence=after)
            stream = self.jobs.WatchJob(request)
            try:
                for answer in stream:
                    failures, after = 0, answer.event.sequence
                    yield answer.event
                return
            except grpc.RpcError as error:
                failures += 1
                self._rest(error, failures)
            finally:
                stream.cancel()

    def plan_of(self, job):
        """The plan that a job made; None if it made none."""
        request = job_service_pb2.GetJobRequest(name=job)
        name = self._insist(lambda: self.jobs.GetJob(request, timeout=60)).job.plan
        if not name:
            return None
        request = plan_service_pb2.GetPlanRequest(name=name)
        return self._insist(lambda: self.plans.GetPlan(request, timeout=60)).plan.plan

    def _insist(self, call):
        """Makes a call that may be repeated, until it is answered or refused for good."""
        failures = 0
        while True:
            try:
                return call()
            except grpc.RpcError as error:
                failures += 1
                self._rest(error, failures)

    def _rest(self, error, failures):
        """Waits as long as the server asks, else longer each time; raises what stays."""
        if error.code() != grpc.StatusCode.UNAVAILABLE or failures >= self.tries:
            raise error
        said = refusal(error)
        asked = said.retry_after if said else None
        time.sleep(min(0.1 * 2**failures, 5) if asked is None else asked)


class _Bearer(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor,
              grpc.StreamUnaryClientInterceptor):
    """Sends a token with every call."""

    def __init__(self, token):
        self._entry = ("authorization", f"Bearer {token}")

    def _pass(self, proceed, details, request):
        entries = [*(details.metadata or ()), self._entry]
        return proceed(details._replace(metadata=entries), request)

    intercept_unary_unary = _pass
    intercept_unary_stream = _pass
    intercept_stream_unary = _pass
