"""Tests of scripts run small studies, in the folder that tests of studies have."""

from tests.search.conftest import folder

__all__ = ["folder"]
