"""What labels were judged by, and what there is to look at: what sentences call it, and what may tell more."""

from collections.abc import Sequence
from typing import NamedTuple

from labelnoise.detect.predictors import PRED_PROBS

GIVEN = "given"  # begins the names of features that the user computed


class Evidence(NamedTuple):
    """Words of one data set."""

    judge: str  # what judged the labels
    others: str  # what may tell more
    noun: str = "example"  # or image
    row: str = "index"  # column that names an example: file, or index
    own: bool = False  # whether what judged came as numbers from the user, so that there is no encoder to choose

    @property
    def pictures(self) -> bool:
        return self.noun == "image"


def of(names: Sequence[str], key: str = "", **more: str) -> Evidence:
    """names: of the sets of features, probabilities among them; key: in which encoders are chosen, as it is told;
    more: of Evidence."""
    features = [name for name in names if name != PRED_PROBS]
    own = all(name.startswith(GIVEN) for name in features)
    judges = ["your features" if own else "the features"] if features else []
    judges += ["your probabilities"] if PRED_PROBS in names else []
    others = "other features" if features else "features"
    return Evidence(" or ".join(judges), others + ("" if own else key), own=own, **more)
