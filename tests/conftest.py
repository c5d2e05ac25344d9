"""All tests run on one thread: programs train so, and two test runs then do not fight for cores."""

import checkout
import torch

torch.set_num_threads(1)
checkout.SOURCES.clear()  # an edit beside the tests is no fault of the stages that run in them
