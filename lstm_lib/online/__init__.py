"""Gradients that are carried forward in time, so that a stream needs no past."""
