"""What makes features of images: a model per encoder of `datasets.<name>.features`."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from labelnoise.sections.kinds import Positive, Rate, Section, allowed, text

Channels = Annotated[list[Rate], Field(min_length=3, max_length=3)]  # red, green, blue, in 0..1
Deviations = Annotated[list[Positive], Field(min_length=3, max_length=3)]
Size = Annotated[int, Field(ge=32, le=1024)]  # pixels of a side; a network halves images five times
Sha256 = text(r"[0-9a-f]{64}", "64 digits, 0 to 9 and a to f: the sha256 of the file")


class Pixels(Section):
    encoder: Literal["pixels"]


class Patches(Section):
    encoder: Literal["patches"]


class EfficientnetLite0(Section):
    """null: the encoder's own size, mean and deviation, as it was trained."""

    encoder: Literal["efficientnet_lite0"]
    size: Size | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class Onnx(Section):
    """A network of the user's; null: first output, mean and deviation of ImageNet's pixels."""

    encoder: Literal["onnx"]
    file: str
    sha256: Sha256
    size: Size
    output: str | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class StateDict(Section):
    """Weights of the user's; null: mean and deviation of ImageNet's pixels."""

    encoder: Literal["state_dict"]
    file: str
    sha256: Sha256
    network: text(r"efficientnet_lite0|torchvision/[A-Za-z0-9_.-]+", "efficientnet_lite0, torchvision/<name>")
    size: Size
    mean: Channels | None = None
    std: Deviations | None = None


class Torchvision(Section):
    """A classifier of torchvision with weights that it publishes; null: the size that those are for."""

    encoder: text(r"torchvision/[A-Za-z0-9_.-]+", "torchvision/<name>, as torchvision/resnet18")
    weights: text(r"[A-Za-z0-9_]+", "DEFAULT, or another name of torchvision's, as IMAGENET1K_V1") = "DEFAULT"
    size: Size | None = None


class Timm(Section):
    """A network of timm with weights of its hub; null: the size, mean and deviation that those are for."""

    encoder: text(r"timm/[A-Za-z0-9_.-]+", "timm/<name>, as timm/resnet18.a1_in1k")
    revision: text(r"[0-9a-f]{40}", "40 digits, 0 to 9 and a to f: a commit of the network's page at the hub")
    sha256: Sha256  # of model.safetensors there
    size: Size | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class Given(Section):
    encoder: Literal["given"]


ENCODERS = (
    "pixels",
    "patches",
    "efficientnet_lite0",
    "onnx",
    "state_dict",
    "torchvision/<name>",
    "timm/<name>",
    "given",
)


def encoder_kind(encoder: str) -> str:
    """The one of ENCODERS that `encoder` is, as torchvision/<name> for torchvision/resnet18."""
    family, slash, _ = encoder.partition("/")
    return f"{family}/<name>" if slash else encoder


def _kind(values: Any) -> str:
    encoder = values.get("encoder") if isinstance(values, dict) else getattr(values, "encoder", None)
    return encoder_kind(str(encoder))


def _known_encoder(values: Any) -> Any:
    if isinstance(values, dict) and _kind(values) not in ENCODERS:
        raise ValueError(f"encoder = {values.get('encoder')!r}; {allowed(ENCODERS)}")
    return values


def _not_empty(values: list) -> list:
    if not values:
        raise ValueError("is empty; allowed: null, or one encoder or more, as [{encoder: patches}]")
    return values


Feature = Annotated[
    Annotated[Pixels, Tag("pixels")]
    | Annotated[Patches, Tag("patches")]
    | Annotated[EfficientnetLite0, Tag("efficientnet_lite0")]
    | Annotated[Onnx, Tag("onnx")]
    | Annotated[StateDict, Tag("state_dict")]
    | Annotated[Torchvision, Tag("torchvision/<name>")]
    | Annotated[Timm, Tag("timm/<name>")]
    | Annotated[Given, Tag("given")],
    Discriminator(_kind),
    BeforeValidator(_known_encoder),
]
FeatureList = Annotated[list[Feature], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]
