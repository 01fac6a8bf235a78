"""Layers in the hands of others: weights of PyTorch and Keras, ONNX models, test vectors."""
