"""Renew the files: ``python -m tests.derive.golden``."""

from . import renew

renew()
