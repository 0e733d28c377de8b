"""All recipes of this folder."""

import importlib.util

import recipes_numpy
from recipe import Recipe


def on(device: str) -> list[Recipe]:
    """The recipes for a device. Without torch installed those that need it are missing."""
    if importlib.util.find_spec("torch") is None:
        return recipes_numpy.RECIPES if device == "cpu" else []
    import recipes_torch

    return [*recipes_numpy.RECIPES, *recipes_torch.RECIPES] if device == "cpu" else recipes_torch.GPU_RECIPES
