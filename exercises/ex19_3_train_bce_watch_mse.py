"""19-3 · Train with BCE but watch MSE

A network is trained with one loss and watched with another number that people understand more easily. Write the
measurement, the training loop around it, and a closer look at what the squared error of probabilities is made of.
The one rule above all: watching changes nothing. A run with a monitor ends in exactly the state of a run without.

Rules for all parts:

* A batch is a pair (x, y). The model turns x into logits (N, K); y has the same shape and dtype, with values in
  0 ... 1, one question of yes or no per column. N is at least 1 and differs between batches. K is the same in all.
* The *BCE* is the binary cross-entropy of the logits, the *MSE* the squared distance of probabilities, which are
  the sigmoid of the logits, from y. Both are means over all N * K elements of all batches together: a batch of
  eight samples counts eight times as much as one of one. Without any batch both are nan.
* Logits may be as large as a thousand; nothing overflows.
* Numbers come back as Python floats: a tensor that is kept keeps the graph of its batch alive.
* Modes (train or eval) belong to the caller, module by module: a model that is being trained may hold a batch
  normalisation that is frozen in eval mode.
* Tensors that come in stay as they are. Apart from what the model itself draws while it is trained, the global
  random state of torch stays as it is.

Sources: Brier 1950, Verification of forecasts expressed in terms of probability; Murphy 1973, A new vector
partition of the probability score; Gneiting and Raftery 2007, Strictly proper scoring rules, prediction, and
estimation (doi:10.1198/016214506000001437);
https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
"""

import torch


def evaluate(model: torch.nn.Module, batches: list[tuple[torch.Tensor, torch.Tensor]]) -> tuple[float, float]:
    """BCE and MSE of a model on data it doesn't learn from.

    All modules are in eval mode for this, no gradients are recorded, and each batch passes through the model once.
    Afterwards every module is back in the mode it was in, even if the model raised an error.

    Returns (bce, mse), two floats; (nan, nan) without batches.
    Source: https://docs.pytorch.org/docs/stable/notes/autograd.html, the section on evaluation mode.
    """
    # TODO: remember the mode of each module, measure, put the modes back.
    raise NotImplementedError


def train_with_monitor(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    train_batches: list[tuple[torch.Tensor, torch.Tensor]],
    val_batches: list[tuple[torch.Tensor, torch.Tensor]],
    epochs: int,
) -> dict[str, list[float]]:
    """Train with BCE, and write down BCE and MSE of both data sets for each epoch.

    In every epoch take one step of the optimiser per training batch, in order, on the mean BCE of that batch. The
    model is in the modes it came in, and each batch passes through it once: what is written down about training
    comes from those very forward passes, each made before its step. Gradients that parameters already carry when
    they come in don't count. After the epoch measure the validation batches as `evaluate` does.

    The parameters, the buffers, the state of the optimiser and the global random state end up as they would without
    any validation batches.

    epochs: may be 0. Either list of batches may be empty: without training batches no step is taken, and the numbers
    of an empty data set are nan.
    Returns {"train_bce": [...], "train_mse": [...], "val_bce": [...], "val_mse": [...]}, one float per epoch.
    """
    # TODO: a usual training loop; what has to be added up per batch so that a short batch counts less?
    raise NotImplementedError


def brier_decomposition(probs: torch.Tensor, y: torch.Tensor, n_bins: int = 10) -> dict[str, float]:
    """What the squared error of probabilities consists of: reliability - resolution + uncertainty.

    The probabilities of N answers are sorted into `n_bins` bins of equal width from 0 to 1. With the mean
    probability p, the share of ones o and the number of samples n of each bin, and the share of ones of all:

    - reliability is the mean of (p - o)² over the samples, i.e. with weight n / N: how far the model is from
      keeping its promises; 0 is best.
    - resolution is the mean of (o - share of all)², weighted the same way: how well it tells cases apart; the
      larger the better.
    - uncertainty is share * (1 - share): how hard the question is; the model can't change it.

    If all probabilities in a bin are equal, the three combine to exactly the MSE (the Brier score). Empty bins don't
    count.

    probs: (N,), float, each in 0 ... 1. y: (N,), of the same dtype, each 0 or 1. No probability lies close to an
    edge between two bins; 0 and 1 themselves belong to the first and the last bin.
    Returns {"reliability": ..., "resolution": ..., "uncertainty": ...}, Python floats; nan each if N is 0.
    Source: Murphy 1973.
    """
    # TODO: count, mean probability and share of ones per bin; then three weighted sums.
    raise NotImplementedError
