"""Which methods the schema promises, and which of them were driven.

In: the stubs of the package, calls on their way. Out: names of methods, `/concentric.v1.X/Y`.
A call counts when it was answered, not when it was refused.
"""

import importlib
import pkgutil

import concentric.v1
import grpc


def services():
    """Descriptors of every service of the package `concentric.v1`."""
    modules = pkgutil.iter_modules(concentric.v1.__path__, "concentric.v1.")
    files = [m.name for m in modules if m.name.endswith("_pb2")]
    found = [importlib.import_module(name).DESCRIPTOR.services_by_name for name in files]
    return [service for names in found for service in names.values()]


def promised():
    """Every method of every service."""
    return {f"/{service.full_name}/{method.name}"
            for service in services() for method in service.methods}


class Driven(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor,
             grpc.StreamUnaryClientInterceptor):
    """Notes the methods that were answered, and those whose connection broke."""

    def __init__(self):
        self.methods, self.broken = set(), set()

    def _note(self, proceed, details, request):
        call = proceed(details, request)

        def note(*_):
            code = call.code()
            if code == grpc.StatusCode.OK:
                self.methods.add(details.method)
            elif code == grpc.StatusCode.UNAVAILABLE:
                self.broken.add(details.method)

        if hasattr(call, "add_done_callback"):
            call.add_done_callback(note)
        elif not call.add_callback(note):
            note()
        return call

    intercept_unary_unary = _note
    intercept_unary_stream = _note
    intercept_stream_unary = _note
