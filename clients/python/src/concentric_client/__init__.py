"""Client of the Concentric service.

In: addresses of servers, ledgers as files. Out: jobs, their events, plans, refusals with
their reasons. Must not hold matching logic. Every method of the service is reached through
the generated stubs, which a `Client` carries; beside them stand only the things that every
caller would write again: sending a job so that it is made once, following it across broken
connections, reading what a refusal says.

    from concentric_client import Client, services

    with Client("127.0.0.1:7411") as client:
        job = client.submit(open("ledger.json", "rb").read(), time_limit=10)
        for event in client.watch(job.name):
            print(event)
        plan = client.plan_of(job.name)
        for unit, assignments in services(plan).items():
            print(unit, sum(a.quantity for a in assignments))
"""

from .client import Client, is_over
from .plans import services
from .refusals import Refusal, Violation, refusal

__all__ = ["Client", "Refusal", "Violation", "is_over", "refusal", "services"]
