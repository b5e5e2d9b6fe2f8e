"""Regressions of parameters on moments, and of moments on parameters, from the runs of a design.

Parameters on moments: Carrella, Bailey and Madsen, "Calibrating Agent-Based Models with Linear Regressions" (JASSS 23(1)7,
2020), with squares, and a second pass over the products of what the first pass found. How much of a parameter's variance it
tells in runs that it has not seen says whether the moments identify the parameter at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold
from sklearn.preprocessing import PolynomialFeatures

type Floats = NDArray[np.float64]

PENALTIES = np.logspace(-3, 5, 17)
FOLDS = 10
CLIP = 3.5
"""Standard deviations beyond which a moment says no more than at them."""
EDGE = 0.1
"""How far the logit keeps from the ends of the range: it must bend the regression back inside, not blow up errors near them."""
IDENTIFIED = 0.5
"""Cross-validated R² above which a parameter counts as identified."""


def logit(points: Floats) -> Floats:
    """The unit interval on a scale that bends towards its ends."""
    inside = EDGE + (1 - 2 * EDGE) * np.clip(points, 0, 1)
    return np.asarray(np.log(inside / (1 - inside)))


def expit(scores: Floats) -> Floats:
    """Back, into the unit interval."""
    return np.asarray(np.clip((1 / (1 + np.exp(-scores)) - EDGE) / (1 - 2 * EDGE), 0, 1))


class Inverse:
    """Parameters given moments."""

    def __init__(self, points: Floats, moments: Floats, weights: Floats | None = None) -> None:
        """Learn from runs.

        Args:
            points: of the unit cube, a row for each run.
            moments: of the runs.
            weights: of the runs; even by default.
        """
        self._middle = np.nanmedian(moments, axis=0)
        spread = np.nanstd(moments, axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        scores = logit(points)
        plain = self._squares(moments)
        self._first = _ridge().fit(plain, scores, sample_weight=weights)
        self._second = _ridge().fit(self._products(plain), scores, sample_weight=weights)

    def __call__(self, moments: Floats) -> Floats:
        """The points that moments speak for, in logits; `expit` brings them to the cube."""
        return np.asarray(self._second.predict(self._products(self._squares(moments)))).reshape(len(moments), -1)

    def _squares(self, moments: Floats) -> Floats:
        scores = np.clip((moments - self._middle) / self._spread, -CLIP, CLIP)
        scores = np.nan_to_num(scores)
        return np.concatenate([scores, scores**2], axis=1)

    def _products(self, plain: Floats) -> Floats:
        first = np.asarray(self._first.predict(plain)).reshape(len(plain), -1)
        return np.concatenate([plain, PolynomialFeatures(2, include_bias=False).fit_transform(first)], axis=1)


@dataclass(frozen=True)
class Validated:
    """What an inverse regression is worth in runs that it has not seen.

    Attributes:
        predicted: logits, a row for each run, from regressions that left the run out.
        residual: true logits less those.
        r2: share of the variance of each parameter, in the unit cube.
        rmse: root mean square error of each, in the unit cube.
    """

    predicted: Floats
    residual: Floats
    r2: Floats
    rmse: Floats


def cross_validate(points: Floats, moments: Floats, seed: int) -> Validated:
    """Ten times, leave a tenth of the runs out and tell their parameters."""
    predicted = np.zeros_like(points)
    for kept, left in KFold(min(FOLDS, len(points)), shuffle=True, random_state=seed).split(points):
        predicted[left] = Inverse(points[kept], moments[kept])(moments[left])
    error = expit(predicted) - points
    spread = points.var(axis=0)
    r2 = 1 - (error**2).mean(axis=0) / np.where(spread > 0, spread, 1.0)
    return Validated(predicted, logit(points) - predicted, r2, np.sqrt((error**2).mean(axis=0)))


class Forward:
    """Moments given parameters: a quadratic, with its slopes.

    Attributes:
        noise: standard deviation of what a run shows about it, by cross-validation: the draw of the world and what no quadratic can say.
        r2: share of each moment's variance in runs that it has not seen.
    """

    def __init__(self, points: Floats, moments: Floats, seed: int, weights: Floats | None = None) -> None:
        """Learn from runs.

        Args:
            points: of the unit cube, a row for each run.
            moments: of the runs.
            seed: of the cross-validation.
            weights: of the runs; even by default.
        """
        filled = np.where(np.isfinite(moments), moments, np.nanmedian(moments, axis=0))
        self._middle, spread = filled.mean(axis=0), filled.std(axis=0)
        self._spread = np.where(spread > 0, spread, 1.0)
        shape = PolynomialFeatures(2, include_bias=False).fit(points[:1])
        features, wanted = shape.transform(2 * points - 1), (filled - self._middle) / self._spread
        left_out = np.zeros_like(wanted)
        for kept, left in KFold(min(FOLDS, len(points)), shuffle=True, random_state=seed).split(points):
            part = None if weights is None else weights[kept]
            fitted = _ridge().fit(features[kept], wanted[kept], sample_weight=part)
            left_out[left] = np.asarray(fitted.predict(features[left])).reshape(len(left), -1)
        even = np.ones(len(points)) if weights is None else weights
        variance = np.average((wanted - left_out) ** 2, axis=0, weights=even)
        self.noise = np.sqrt(variance) * self._spread
        self.r2 = 1 - variance / np.maximum(wanted.var(axis=0), 1e-12)
        fitted = _ridge().fit(features, wanted, sample_weight=weights)
        coefficients = np.atleast_2d(fitted.coef_) * self._spread[:, None]
        self._level = self._middle + self._spread * np.atleast_1d(fitted.intercept_)
        # The polynomial as a matrix for each moment: searches ask it thousands of times.
        wide = points.shape[1]
        self._slope, self._bend = coefficients[:, :wide], np.zeros((len(coefficients), wide, wide))
        for feature, power in enumerate(shape.powers_[wide:], wide):
            one, other = np.repeat(np.arange(wide), power)
            self._bend[:, one, other] += coefficients[:, feature] / 2
            self._bend[:, other, one] += coefficients[:, feature] / 2

    def __call__(self, points: Floats) -> Floats:
        """Moments, a row for each point."""
        at = 2 * points - 1
        return np.asarray(self._level + at @ self._slope.T + np.einsum("pi,mij,pj->pm", at, self._bend, at, optimize=True))

    def slopes(self, point: Floats) -> Floats:
        """How the moments change with each coordinate at a point: shape (moments, coordinates)."""
        return np.asarray(2 * (self._slope + 2 * self._bend @ (2 * point - 1)))


def _ridge() -> RidgeCV:
    return RidgeCV(PENALTIES, alpha_per_target=True)
