"""The RO-Crate 1.2 metadata of an archive: what is in it, by whom, from which commit, under which licence."""

import json
import mimetypes
from pathlib import PurePosixPath

import yaml
from rocrate.model import ContextEntity
from rocrate.rocrate import ROCrate

from labelnoise import artifacts
from labelnoise.archive import citation, contents, dictionary, labels, manifest
from labelnoise.archive.contents import Contents
from labelnoise.archive.piece import Piece

NAME = "ro-crate-metadata.json"
KINDS = mimetypes.MimeTypes()  # those that Python knows, whatever the machine has
TYPES = {
    ".cff": "application/yaml", ".ipynb": "application/x-ipynb+json", ".md": "text/markdown",
    ".yaml": "application/yaml",
}  # fmt: skip
FILES = {
    "CHANGELOG.md": "what changed", "CITATION.cff": "how to cite", "LICENSE": "the licence",
    "README.md": "what this is, and how to run it", "claims.yaml": "statements that are tested",
    contents.ENVIRONMENT: "versions on the machine that wrote the archive",
    "dvc.lock": "hashes of what every stage read and wrote", "dvc.yaml": "the pipeline",
    manifest.NAME: "SHA-256 of every file: `sha256sum -c`",
    "params.yaml": "every number that the study chose",
    "registration.yaml": "which claims were fixed before their verdicts were known",
    "requirements.lock": "exact versions of all packages",
}  # fmt: skip
FOLDERS = {
    "data": "label sets, and images where they were asked for, as arrays", "docs": "documentation",
    "notebooks": "figures, as reviewable text", "presets": "changes of params.yaml for other studies",
    "runs": "what was trained, a file per run, from which all tables are made", "src": "the code",
    "stages": "a script per stage of the pipeline", "tests": "tests of the code",
}  # fmt: skip
LABELS = {
    "labels.csv": "labels, a column for every noise model, rate and seed", "classes.csv": "names of the classes",
    labels.NAME: "Croissant 1.0 metadata of the label set",
}  # fmt: skip
CSVW, CROISSANT = "http://www.w3.org/ns/csvw", "http://mlcommons.org/croissant/1.0"
CONFORMS = {dictionary.NAME: CSVW, labels.NAME: CROISSANT}


def metadata(of: Contents) -> Piece:
    """NAME for an archive of these contents, with a line per file of what readers look for and per other folder.

    Every file has its checksum in the manifest.
    """
    crate = ROCrate(version="1.2")
    root = {
        "name": of.cite.title, "description": _description(of), "datePublished": of.date, "version": of.commit,
        "creditText": citation.in_words(of.cite, of.date[:4]), "keywords": of.cite.keywords,
    }  # fmt: skip
    for name, value in root.items():
        crate.root_dataset[name] = value
    licence = {"@type": "CreativeWork", "name": of.cite.licence_name, "description": "licence, by its SPDX name"}
    crate.license = crate.add(ContextEntity(crate, of.cite.licence, licence))
    crate.root_dataset["author"] = [crate.add_jsonld(author) for author in of.cite.authors]
    descriptions = _stages(of)
    listed = [piece for piece in of.pieces if _listed(piece.path)]
    files = {
        piece.path: crate.add_file(dest_path=piece.path, properties=_file(piece, descriptions))
        for piece in sorted([*listed, Piece(manifest.NAME, b"")])
    }
    for name in sorted({piece.path.split("/")[0] for piece in of.pieces if not _listed(piece.path)} & {*FOLDERS}):
        crate.add_dataset(dest_path=f"{name}/", properties={"name": name, "description": FOLDERS[name]})
    made = crate.add(ContextEntity(crate, "#study", {"@type": "CreateAction", "name": "the study"}))
    made["instrument"], made["object"] = files["dvc.yaml"], files["params.yaml"]
    made["result"] = [entity for path, entity in files.items() if path in of.stages]
    crate.root_dataset["mentions"] = made
    text = json.dumps(crate.metadata.generate(), indent=1, sort_keys=True, ensure_ascii=False)
    return Piece(NAME, f"{text}\n".encode())


def _description(of: Contents) -> str:
    said = [of.cite.abstract, f"Code, parameters and results of commit {of.commit}."]
    said.append("`labelnoise verify` in the unpacked archive computes the statistics again, without training.")
    said += [f"Images of {name} are not in it: they are their owner's." for name in of.left_out]
    return " ".join(said)


def _listed(path: str) -> bool:
    """Files that have a line of their own: those at the top, reports, and label sets."""
    return path in FILES or path.startswith((f"{artifacts.REPORTS}/", f"{labels.FOLDER}/"))


def _stages(of: Contents) -> dict[str, str]:
    """What each stage does, by dvc.yaml."""
    (text,) = [piece.read() for piece in of.pieces if piece.path == "dvc.yaml"]
    stages = yaml.safe_load(text)["stages"]
    return {path: f"by stage {stage}: {stages[stage.split('@')[0]]['desc']}" for path, stage in of.stages.items()}


def _file(piece: Piece, by_stage: dict[str, str]) -> dict:
    path = PurePosixPath(piece.path)
    above = [str(folder) for folder in (path, *path.parents)]
    said = next((by_stage[name] for name in above if name in by_stage), None)
    said = FILES.get(piece.path) or said or LABELS.get(path.name)
    if path.name == dictionary.NAME:
        said = "what the columns of the tables in this folder hold"
    kind = TYPES.get(path.suffix) or KINDS.guess_type(path.name)[0]
    facts = {"name": path.name, "description": said, "encodingFormat": kind}
    facts |= {"contentSize": str(piece.size)} if piece.path != manifest.NAME else {}
    facts |= {"conformsTo": {"@id": CONFORMS[path.name]}} if path.name in CONFORMS else {}
    return {name: value for name, value in facts.items() if value}
