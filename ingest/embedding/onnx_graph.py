"""An ONNX graph as it is written down: nodes in order, each known by the name of its output."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

FUSED = "com.microsoft"  # operators of onnxruntime that do several steps at once
TEXT = "ai.onnx.contrib"  # operators of onnxruntime-extensions

LARGE = 4_096  # bytes

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Model:
    graph: bytes
    tables: Mapping[str, Array]  # large constants, which are handed to the session beside the graph


class Graph:
    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._tables: dict[str, Array] = {}
        self._quantised: set[str] = set()

    def constant(self, name: str, value: Array) -> str:
        """A large one stays out of the graph, which would be copied more than once."""
        value = np.require(value, requirements=["C", "A"])
        if value.nbytes < LARGE:
            self._constants[name] = numpy_helper.from_array(value, name)
        else:
            self._constants[name] = _external(name, value)
            self._tables[name] = value
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def add_many(
        self, operator: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any
    ) -> None:
        self._nodes.append(helper.make_node(operator, inputs, outputs, **attributes))

    def quantise(self, floats: str) -> tuple[str, str, str]:
        """The values in uint8, their scale and their zero point; worked out once."""
        outputs = (f"{floats}.codes", f"{floats}.scale", f"{floats}.zero")
        if floats not in self._quantised:
            self._quantised.add(floats)
            self.add_many("DynamicQuantizeLinear", [floats], outputs)
        return outputs

    def model(self, given: onnx.ValueInfoProto, output: onnx.ValueInfoProto) -> Model:
        constants = list(self._constants.values())
        graph = helper.make_graph(self._nodes, "encoder", [given], [output], constants)
        versions = [("", 18), (FUSED, 1), (TEXT, 1)]
        opsets = [helper.make_opsetid(domain, version) for domain, version in versions]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return Model(model.SerializeToString(), self._tables)


def tensor_of(name: str, kind: int, *shape: int | str) -> onnx.ValueInfoProto:
    """How an input or an output is declared."""
    return helper.make_tensor_value_info(name, kind, shape)


def _external(name: str, value: Array) -> onnx.TensorProto:
    kind = helper.np_dtype_to_tensor_dtype(value.dtype)
    tensor = onnx.TensorProto(name=name, data_type=kind, dims=value.shape)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=name)
    return tensor
