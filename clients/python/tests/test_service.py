"""Every method of the service, on both stores.

SQLite with the server alone; PostgreSQL with two servers that solve nothing and two workers.
"""

import os
import re
import sys
import unittest

import grpc
from concentric.v1 import job_pb2
from concentric_client import Client

from . import jobs, ledgers, matching, processes, samples
from .methods import Driven, promised, services


class Service:
    """What is asked of a service; `a` and `b` are clients of servers on one store."""

    driven: Driven

    @classmethod
    def connect(cls, address):
        """A client whose calls are noted."""
        client = Client(address, interceptors=[cls.driven])
        cls.addClassCleanup(client.close)
        return client

    def test_every_method_is_driven(self):
        for part in (matching, ledgers, jobs):
            with self.subTest(part.__name__):
                part.drive(self, self.a, self.b)
        there = promised()
        self.assertGreaterEqual(len(there), 21)
        self.assertEqual(there - self.driven.methods, set(), "no test drives these")

    def test_health_is_told(self):
        check = self.a.channel.unary_unary("/grpc.health.v1.Health/Check")
        # An empty request asks for the whole server; field 1 of the answer is SERVING, 1.
        self.assertEqual(check(b"", timeout=processes.PATIENCE), b"\x08\x01")

    def test_the_server_describes_the_same_services(self):
        method = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        ask = self.a.channel.stream_stream(method)
        # Field 7 asks for all services; the names stand in the answer as they are.
        answer = next(ask(iter([b"\x3a\x00"]), timeout=processes.PATIENCE))
        described = set(re.findall(rb"concentric\.v1\.\w+", answer))
        self.assertEqual(described, {service.full_name.encode() for service in services()})

    def test_a_method_that_is_not_there_is_refused(self):
        call = self.a.channel.unary_unary("/concentric.v1.JobService/None")
        with samples.refused(self, grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN"):
            call(b"", timeout=processes.PATIENCE)


class OnSqlite(Service, unittest.TestCase):
    """One server."""

    @classmethod
    def setUpClass(cls):
        cls.driven = Driven()
        store = f"sqlite:{processes.folder(cls)}/t.db"
        _, address = processes.server(cls, store)
        cls.a, cls.b = cls.connect(address), cls.connect(address)

    def test_what_was_refused_was_not_driven(self):
        """The check of the methods must be able to fail."""
        client = Client(self.address_of_nobody(), interceptors=[driven := Driven()], tries=1)
        with client, self.assertRaises(grpc.RpcError):
            client.plan_of("jobs/none")
        self.assertEqual(driven.methods, set())
        self.assertIn("/concentric.v1.JobService/WatchJob", promised() - driven.methods)

    @staticmethod
    def address_of_nobody():
        """A port that nobody listens on: 1 is reserved."""
        return "127.0.0.1:1"


class OnPostgres(Service, unittest.TestCase):
    """Two servers, two workers."""

    @classmethod
    def setUpClass(cls):
        cls.driven = Driven()
        store = processes.postgres(cls)
        if store is None:
            why = "PostgreSQL is not installed (apt-get install postgresql)"
            print(f"skipped: {why}", file=sys.stderr)
            raise unittest.SkipTest(why)
        cls.settings = ("--run-jobs=false", "--page-key", "shared by both servers")
        cls.store = store
        (_, one), (_, two) = (processes.server(cls, store, *cls.settings) for _ in range(2))
        for _ in range(2):
            processes.worker(cls, store)
        cls.two, cls.a, cls.b = two, cls.connect(one), cls.connect(two)

    def test_a_watch_outlives_its_server(self):
        """The first server is killed under an open watch; the second one goes on with it."""
        doomed, address = processes.server(self, self.store, *self.settings)
        client = Client(f"{address},{self.two}", interceptors=[driven := Driven()])
        self.addCleanup(client.close)
        job = client.submit(samples.example("yixin"), time_limit=3)
        events = []
        for event in client.watch(job.name):
            if not events:
                doomed.kill()
            events.append(event)
        self.assertIn("/concentric.v1.JobService/WatchJob", driven.broken)
        self.assertEqual([event.sequence for event in events], list(range(1, len(events) + 1)))
        self.assertEqual(events[-1].state, job_pb2.JOB_STATE_SUCCEEDED)
        self.assertEqual(events, list(self.a.watch(job.name)))
        self.assertTrue(client.plan_of(job.name).levels)


def load_tests(_loader, tests, _pattern):
    """Without the command there is nothing to test, and that is no success."""
    if not os.access(processes.COMMAND, os.X_OK):
        raise SystemExit(f"CONCENTRIC={processes.COMMAND} is not a program")
    return tests
