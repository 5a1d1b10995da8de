"""Adapters: what each must do (contract.py), and each against its platform's other side."""

import pytest

pytest.register_assert_rewrite("tests.adapters.contract")
