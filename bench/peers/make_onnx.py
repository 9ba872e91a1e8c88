"""A model of one LSTM operator, random weights, steps and lanes free. usage: make_onnx.py INPUTS UNITS FILE (needs python3-onnx)"""
import sys

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

inputs, units = int(sys.argv[1]), int(sys.argv[2])
random = numpy.random.default_rng(0)


def weights(name, *shape):
    return numpy_helper.from_array((random.standard_normal(shape) * 0.1).astype("float32"), name)


def value(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


node = helper.make_node("LSTM", ["X", "W", "R", "B", "", "h0", "c0"], ["Y", "h1", "c1"], hidden_size=units)
graph = helper.make_graph(
    [node], "lstm", [value("X", "T", "N", inputs), value("h0", 1, "N", units), value("c0", 1, "N", units)],
    [value("Y", "T", 1, "N", units), value("h1", 1, "N", units), value("c1", 1, "N", units)],
    [weights("W", 1, 4 * units, inputs), weights("R", 1, 4 * units, units), weights("B", 1, 8 * units)])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
model.ir_version = 8
onnx.save(model, sys.argv[3])
