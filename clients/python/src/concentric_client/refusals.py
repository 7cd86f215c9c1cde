"""What a refused call says.

In: a `grpc.RpcError`. Out: reason, sentences, wrong fields, from `google.rpc.Status`, which
travels in the trailer `grpc-status-details-bin`. Rejected: the package grpcio-status, which
reads that trailer and no more.
"""

from dataclasses import dataclass, field
from typing import Optional

import grpc
from google.rpc import error_details_pb2, status_pb2

KEY = "grpc-status-details-bin"


@dataclass(frozen=True)
class Violation:
    """One wrong field."""

    path: str  # `needs[3].quantity`
    reason: str  # VALUE_OUT_OF_RANGE
    text: str  # one sentence in English


@dataclass(frozen=True)
class Refusal:
    """A refusal of the service."""

    code: grpc.StatusCode
    reason: str  # a name of `concentric.v1.ErrorReason` without its prefix
    domain: str
    english: str
    chinese: str
    violations: tuple = ()
    metadata: dict = field(default_factory=dict)
    retry_after: Optional[float] = None  # seconds


def refusal(error):
    """The refusal in an error of gRPC; None if the service did not say it, as for a broken
    connection."""
    trailers = {key: value for key, value in error.trailing_metadata() or ()}
    if KEY not in trailers:
        return None
    status = status_pb2.Status.FromString(trailers[KEY])
    info = _detail(status, error_details_pb2.ErrorInfo)
    wrong = _detail(status, error_details_pb2.BadRequest).field_violations
    retry = _detail(status, error_details_pb2.RetryInfo)
    return Refusal(
        code=error.code(),
        reason=info.reason,
        domain=info.domain,
        english=status.message,
        chinese=_detail(status, error_details_pb2.LocalizedMessage).message,
        violations=tuple(Violation(v.field, v.reason, v.description) for v in wrong),
        metadata=dict(info.metadata),
        retry_after=retry.retry_delay.ToTimedelta().total_seconds()
        if retry.HasField("retry_delay")
        else None,
    )


def _detail(status, kind):
    """The detail of a kind, empty if there is none."""
    found = kind()
    any(detail.Unpack(found) for detail in status.details)
    return found
