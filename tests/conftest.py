"""All tests run on one thread: programs train so, and two test runs then do not fight for cores."""

import torch

torch.set_num_threads(1)
