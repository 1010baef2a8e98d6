import numpy as np
import onnx
import pytest

from ingest.embedding.onnx_encoder import Session
from ingest.embedding.onnx_graph import Graph, Model, tensor_of

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def look_up(rows: np.ndarray) -> Model:
    """The row with the number that is put in."""
    graph = Graph()
    graph.add("Gather", [graph.constant("rows", rows), "number"], "row")
    return graph.model(
        tensor_of("number", onnx.TensorProto.INT64, 1),
        tensor_of("row", onnx.TensorProto.FLOAT, 1, rows.shape[1]),
    )


def test_a_table_is_read_by_the_session_and_no_part_of_the_graph() -> None:
    model = look_up(np.random.default_rng(0).random((10_000, 3), np.float32))
    assert len(model.graph) < 1_000
    session = Session(model)
    np.testing.assert_array_equal(session.run(np.array([7]))[0], model.tables["rows"][7])


def test_a_session_outlives_the_model_it_was_made_of() -> None:
    session = Session(look_up(ROWS.copy()))
    np.testing.assert_array_equal(session.run(np.array([2]))[0], ROWS[2])


def test_a_table_need_not_lie_in_one_piece() -> None:
    wide = np.arange(24, dtype=np.float32).reshape(4, 6)
    np.testing.assert_array_equal(
        Session(look_up(wide[:, ::2])).run(np.array([1]))[0], wide[1, ::2]
    )


def test_what_is_quantised_twice_is_worked_out_once() -> None:
    graph = Graph()
    assert graph.quantise("values") == graph.quantise("values")
    values = tensor_of("values", onnx.TensorProto.FLOAT, 1, 3)
    codes, scale, zero = graph.quantise("values")
    graph.add("DequantizeLinear", [codes, scale, zero], "again")
    found = Session(graph.model(values, tensor_of("again", onnx.TensorProto.FLOAT, 1, 3))).run(
        np.array([[0, 0.5, 1]], np.float32)
    )[0]
    assert found == pytest.approx([0, 0.5, 1], abs=0.01)
