"""Who made a study, under which licence: from CITATION.cff (Citation File Format 1.2)."""

from typing import NamedTuple

import yaml

FILE = "CITATION.cff"
NEEDED = ("title", "license", "authors")


class Citation(NamedTuple):
    title: str
    abstract: str
    licence: str  # address of the licence, by its name in the list of SPDX
    licence_name: str
    authors: list[dict]  # of schema.org, each with @id, @type and name
    keywords: list[str]
    url: str | None


def read(text: bytes | None) -> Citation:
    """text: of FILE, None where there is none. ValueError names what is missing."""
    if text is None:
        raise ValueError(f"{FILE}: is not committed; allowed: one with the archive's {', '.join(NEEDED)}")
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"{FILE}: is no YAML ({' '.join(str(error).split())})") from None
    if lacking := [name for name in NEEDED if not (isinstance(said, dict) and said.get(name))]:
        raise ValueError(f"{FILE}: {lacking[0]} is missing")
    name = said["license"] if isinstance(said["license"], str) else said["license"][0]
    return Citation(
        said["title"], " ".join(said.get("abstract", said["title"]).split()), f"https://spdx.org/licenses/{name}",
        name, [_author(of, at) for at, of in enumerate(said["authors"], 1)], said.get("keywords", []),
        said.get("url") or said.get("repository-code"),
    )  # fmt: skip


def _author(of: dict, number: int) -> dict:
    """An entity of CITATION.cff has a name, a person parts of one."""
    if "name" in of:
        return {"@id": of.get("website", f"#author-{number}"), "@type": "Organization", "name": of["name"]}
    parts = [of[key] for key in ("given-names", "name-particle", "family-names", "name-suffix") if key in of]
    if not parts:
        raise ValueError(f"{FILE}: authors: number {number} has no name")
    return {"@id": of.get("orcid", f"#author-{number}"), "@type": "Person", "name": " ".join(parts)}


def in_words(of: Citation, year: str) -> str:
    """As others cite the archive, but for the identifier that it is given when it is deposited."""
    return f"{', '.join(author['name'] for author in of.authors)} ({year}): {of.title}."
