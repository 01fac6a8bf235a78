"""Continuous time: the additive model, its solution, and its way to a recurrent network."""
