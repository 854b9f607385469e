"""gRPC services from the published message types alone: method by method, no generated servers."""

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message


class Refused(Exception):
    """An answer other than OK."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def handler(service: str, methods: dict[str, tuple[type, Callable[[Any], Any]]]):
    """Return a service's handler.

    Args:
        service: full name, as in the published protocol.
        methods: request type (of proto-plus, or plain protobuf) and function, by method's name.
    """
    return grpc.method_handlers_generic_handler(
        service, {name: _method(*method) for name, method in methods.items()}
    )


def packed(message: Any) -> any_pb2.Any:
    """Put a message into an ``Any``, for operations."""
    box = any_pb2.Any()
    box.Pack(type(message).pb(message) if hasattr(type(message), "pb") else message)
    return box


def _method(request_type: type, function: Callable[[Any], Any]):
    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return function(request)
        except Refused as refused:
            context.abort(refused.code, refused.message)

    plain = issubclass(request_type, Message)
    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=request_type.FromString if plain else request_type.deserialize,
        response_serializer=_serialize,
    )


def _serialize(message: Any) -> bytes:
    if isinstance(message, Message):
        return message.SerializeToString()
    return type(message).serialize(message)
