"""How experiments are declared, run, kept and read; the recipe is in ``page.experiments``."""
