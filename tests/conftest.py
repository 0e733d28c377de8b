"""Nothing a test does may touch the state of whoever runs it."""

import pytest


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory, monkeypatch):
    """A folder of its own for progress, and none of the switches somebody may have set."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("DLGRADE_STATE", str(folder))
    for name in ("DLGRADE_KIT", "DLGRADE_SPAWN", "DLGRADE_DEBUG", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return folder
