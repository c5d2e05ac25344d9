"""Which encoders a data set gets where its section says `features: null`."""

from labelnoise.features import pictures
from labelnoise.features.pictures import Pictures
from labelnoise.sections import EfficientnetLite0, Given, Patches, Pixels, Section

SMALL = 28  # pixels of the longer side: up to the size of MNIST pixels are as good as anything
COLORS = (1, 3)  # channels that a network trained on photographs can take


def default(of: Pictures) -> list[Section]:
    """Tables of features as given, small images as pixels; larger ones in two ways, which are pooled later: on
    photographs each of the two finds what the other does not."""
    if pictures.are_features(of):
        return [Given(encoder="given")] if of.stored.shape[-1] else []
    if of.size <= SMALL:
        return [Pixels(encoder="pixels")]
    both = [Patches(encoder="patches"), EfficientnetLite0(encoder="efficientnet_lite0")]
    return both if pictures.channels(of) in COLORS else both[:1]


def checked(sections: list[Section], of: Pictures, where: str) -> list[Section]:
    """`sections`; ValueError, which begins with `where`, when one cannot encode these examples."""
    for section in sections:
        if (section.encoder == "given") != pictures.are_features(of):
            kind, allowed = ("features", "given") if pictures.are_features(of) else ("images", "other encoders")
            raise ValueError(f"{where}: {section.encoder} cannot encode {kind}; allowed: {allowed}")
        if section.encoder not in ("given", "pixels", "patches") and pictures.channels(of) not in COLORS:
            found = pictures.channels(of)
            raise ValueError(
                f"{where}: {section.encoder} takes 1 or 3 channels, not {found}; allowed: patches, pixels"
            )
    return sections
