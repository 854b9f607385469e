"""ONNX Runtime sessions that keep to one core."""

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

from musicgen.errors import BadInput

onnxruntime.set_default_logger_severity(3)  # errors only: its warnings are not for our users


def open_session(graph: bytes, name: str) -> onnxruntime.InferenceSession:
    """Open a graph on the CPU, one thread a call: many calls share a machine better than one.

    One thread also fixes the order of every sum, which keeps results equal from run to run.

    Raises:
        BadInput: it is no ONNX graph; the message calls it by the given name.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except (Fail, InvalidGraph, InvalidProtobuf) as error:
        raise BadInput(f"{name} cannot be opened ({error}): train again.") from None
