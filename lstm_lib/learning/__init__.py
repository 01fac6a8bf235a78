"""Losses, optimisers, the training loop, and files from which a run goes on."""
