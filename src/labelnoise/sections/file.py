"""YAML files of the project as they stand, unchecked."""

import sys
from pathlib import Path

import yaml


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
    """YAML without repeated keys, of which the last would win silently; libyaml reads ten times as fast."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if (of := str(key.value)) in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {of!r} stands there twice", key.start_mark
                )
            seen.add(of)
        return super().construct_mapping(node, deep)


def read(path: str | Path) -> dict:
    """The mapping in a YAML file as it stands: unchecked, data sets without their defaults.

    Ends the program with one line when it cannot be read.
    """
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        sys.exit(f"error: {path}: no such file; run from the folder that holds it")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {path}: cannot be read as text: {error}")
    except yaml.YAMLError as error:
        sys.exit(f"error: {path}: not YAML: {_where(error)}")
    if not isinstance(values, dict | None):
        sys.exit(f"error: {path}: holds no keys; allowed: sections, as study")
    return values or {}


def _where(error: yaml.YAMLError) -> str:
    """What is wrong, in which line of the file."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    begun = f", {error.context} in line {error.context_mark.line + 1}" if error.context_mark else ""
    return f"line {error.problem_mark.line + 1}: {error.problem}{begun}"


def merged(base: dict, over: dict) -> dict:
    """`base` with the values of `over`, mapping by mapping."""
    both = [key for key, value in over.items() if isinstance(value, dict) and isinstance(base.get(key), dict)]
    return {**base, **over, **{key: merged(base[key], over[key]) for key in both}}
