"""`labelnoise register`: the hash and the commit of claims, and then what look one left open."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
import stage_script
import yaml

from labelnoise import artifacts, params, results
from labelnoise.claims import looks
from labelnoise.claims.registration import hash_of
from labelnoise.commands import register


def git(*words):
    own = ["-c", "user.name=someone", "-c", "user.email=someone@example.org"]
    done = subprocess.run(["git", *own, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in git, with two looks."""
    monkeypatch.chdir(tmp_path)
    stage_script.parameters({})
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "claims")
    return tmp_path


def registration():
    return yaml.safe_load(open("registration.yaml", encoding="utf-8"))


def test_what_is_committed_is_registered(project, capsys):
    register.run(SimpleNamespace(open=False))
    found = registration()
    assert found == {"hash": hash_of(params.load()), "commit": git("rev-parse", "HEAD"), "open": None}
    assert looks.registered(params.load())
    assert "before look one; commit it" in capsys.readouterr().out


def test_what_is_not_committed_is_not_registered(project):
    with open("claims.yaml", "a", encoding="utf-8") as file:
        file.write("# changed\n")
    with pytest.raises(ValueError, match=r"claims.yaml or params.yaml is changed and not committed"):
        register.run(SimpleNamespace(open=False))


def test_claims_that_look_one_left_open_are_written_by_name(project):
    register.run(SimpleNamespace(open=False))
    p = params.load()
    wanted = {"warp": "open", "soft_labels": "refuted", "obvious_errors": "open"}  # the last compares no methods
    rows = [
        dict.fromkeys(results.columns("statements"), "") | {"id": of.id, "look_one": wanted.get(name, "supported")}
        for name, of in p.statements.items()
    ]
    results.write("statements", pd.DataFrame(rows).assign(rows=1, look=1), artifacts.of("digits").tables)
    register.run(SimpleNamespace(open=True))
    assert registration()["open"] == ["warp"] == params.load().registration.open
    assert looks.registered(params.load())


def test_what_look_one_left_open_is_not_lost(project):
    register.run(SimpleNamespace(open=False))
    said = registration() | {"open": ["warp"]}
    Path("registration.yaml").write_text(yaml.safe_dump(said))
    with pytest.raises(
        ValueError, match=r"registration.yaml: look one of these claims is known; allowed: with --open"
    ):
        register.run(SimpleNamespace(open=False))
    assert registration() == said


def test_open_claims_are_those_of_what_was_registered(project):
    with pytest.raises(ValueError, match="does not say what was registered"):
        register.run(SimpleNamespace(open=True))


def test_a_registration_of_other_claims_is_forgotten(project):
    register.run(SimpleNamespace(open=False))
    claims = Path("claims.yaml")
    claims.write_text(claims.read_text("utf-8").replace("threshold: 0.99", "threshold: 0.98", 1), "utf-8")
    assert params.load().registration.hash is None and not looks.registered(params.load())
