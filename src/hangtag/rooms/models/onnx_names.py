"""What goes into our ONNX models and what comes out, by name; writer and readers agree here."""

PICTURES = "pictures"
"""Input: uint8 ``(n, height, width, channels)``, raw pixels."""

PROBABILITIES = "probabilities"
"""Output: float32 ``(n, classes)``, each row summing to one."""

EMBEDDING = "embedding"
"""Output: float32 ``(n, values)``, near for look-alikes."""

OPERATORS = frozenset({
    "Add", "AveragePool", "Cast", "Conv", "Div", "Elu", "Erf", "Flatten", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Identity", "LeakyRelu", "MaxPool", "Mul", "Relu",
    "Sigmoid", "Slice", "Softmax", "Sub", "Tanh", "Transpose",
})  # fmt: skip
"""Every operator the writer uses; a model with any other is not opened."""
