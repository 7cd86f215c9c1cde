"""Submits a ledger as a job, watches it, prints the service list of its plan (品牌服务清单).

    make serve                                   # in another terminal
    pip install ./clients/python
    python examples/python_client.py [--time-limit SECONDS] [--request-id UUID] [ADDRESS [LEDGER]]

May be stopped and started again with the same request id: there is one job, and the list is
that of its plan. `examples/grpc_client.rs` does the same in Rust.
"""

import argparse
import json
import sys
import uuid
from pathlib import Path

from concentric.v1 import job_pb2
from concentric_client import Client, services

YIXIN = Path(__file__).parent / "ledgers" / "yixin.json"


def told(event):
    """One event in words."""
    kind = event.WhichOneof("kind")
    if kind == "state":
        return job_pb2.JobState.Name(event.state).removeprefix("JOB_STATE_").lower()
    if kind == "progress":
        step = event.progress
        return f"{step.stage} {step.level} {step.done}/{step.of or '?'}"
    return "asked to cancel"


def print_services(plan, ledger):
    """A section for each unit, a line for each assignment; names where the ledger has them."""
    def name(table, id):
        record = next((r for r in ledger.get(table, []) if r["id"] == id), {})
        return record.get("name") or id

    print("品牌服务清单 services")
    for unit, assignments in services(plan).items():
        print(f"\n{name('units', unit)}")
        for a in assignments:
            where, what = name("places", a.place), name("categories", a.category)
            print(f"  {where}  {what}  {a.quantity}  ({a.need} <- {a.offer})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", nargs="?", default="127.0.0.1:7411")
    parser.add_argument("ledger", nargs="?", type=Path, default=YIXIN)
    parser.add_argument("--time-limit", type=int, default=10, metavar="SECONDS")
    parser.add_argument("--request-id", default=str(uuid.uuid4()), metavar="UUID")
    args = parser.parse_args()
    ledger = args.ledger.read_bytes()
    with Client(args.address) as client:
        job = client.submit(ledger, request_id=args.request_id, time_limit=args.time_limit)
        print(f"{job.name}, request id {args.request_id}", file=sys.stderr)
        for event in client.watch(job.name):
            print(f"{event.sequence:4} {told(event)}", file=sys.stderr)
        plan = client.plan_of(job.name)
    if plan is None:
        sys.exit("the job made no plan")
    print_services(plan, json.loads(ledger))


if __name__ == "__main__":
    main()
