"""Synthetic tables, made once: small, with the exact schema."""

import pytest
import synthetic_tables


@pytest.fixture(scope="session")
def tables():
    return synthetic_tables.make(seeds=3, epochs=8)
