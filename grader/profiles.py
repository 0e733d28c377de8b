"""How much a training is given: images to train on, and hidden ones to judge by."""

SIZES = {"tiny": (2_000, 1_000), "quick": (8_000, 2_000), "full": (60_000, 10_000)}
PROFILE = "quick"  # unless somebody asks for another one
