"""Types of networks and their parameters, for rows of `networks`."""

from typing import Annotated, Literal

from pydantic import Field

from labelnoise.sections.kinds import Count, Section


class Mlp(Section):
    hidden: list[Count]  # empty: a linear classifier
    dropout: Annotated[float, Field(ge=0, lt=1)]


class SmallCnn(Section):
    channels: Annotated[list[Count], Field(min_length=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]


class Resnet(Section):
    """nets/resnet.py says what the words mean."""

    blocks: Annotated[list[Count], Field(min_length=1)]  # of each stage
    width: Count  # channels of the first stage, doubled from stage to stage
    block: Literal["basic", "preactivation"]
    shortcut: Literal["padded", "projected", "projected_first"]
    norm: Literal["stem", "end"]
    dropout: Annotated[float, Field(ge=0, lt=1)]


class OfWidth(Section):
    """Of cnn9 and small_alexnet."""

    width: Count  # channels of the first convolution; all others are in proportion
    dropout: Annotated[float, Field(ge=0, lt=1)]


class SmallInception(Section):
    width: Count  # all channels are multiples of it
    batch_norm: bool
    dropout: Annotated[float, Field(ge=0, lt=1)]


NETWORKS: dict[str, type[Section]] = {  # types of networks -> their parameters
    "mlp": Mlp,
    "small_cnn": SmallCnn,
    "resnet": Resnet,
    "cnn9": OfWidth,
    "small_inception": SmallInception,
    "small_alexnet": OfWidth,
}
