"""What the study runs on, and where its data come from."""

from typing import Literal

from labelnoise.sections.kinds import Count, NonNegative, Section, text


class Run(Section):
    workers: Count | Literal["auto"]
    scheduler: text(r"(tcp|tls)://\S+:\d+", "the address of a dask scheduler, as tcp://10.0.0.5:8786") | None
    device: Literal["auto", "cpu", "cuda"]
    store: str
    checkpoint_seconds: NonNegative


class Download(Section):
    folder: str | None
    mirrors: list[str]
    cache: str
