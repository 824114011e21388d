"""NB-SVM: naive-Bayes ratios of words and pairs of words, weighed by a linear model.

Wang and Manning 2012, Baselines and Bigrams, ACL, https://aclanthology.org/P12-2018; with the
logistic loss, so that it gives probabilities. Legend: N texts, V features, C classes.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.labelled import words_of
from core.errors import DataMissingError
from core.models.predictor import FLOAT_BYTES

SMOOTHING = 1.0
STRENGTH = 1.0
INSTALL = "NB-SVM needs scikit-learn, which is not installed here: run `pip install scikit-learn`."


def is_installed() -> bool:
    """Return whether scikit-learn is there."""
    return importlib.util.find_spec("sklearn") is not None


class NbSvm:
    """A trained NB-SVM: one ratio and one weight a feature and class."""

    def __init__(self, vectorizer: Any, weights_VC: NDArray[np.float64], bias_C: Any) -> None:
        self.vectorizer = vectorizer
        self.weights_VC = weights_VC
        self.bias_C = bias_C

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[int], classes: int, *, seed: int = 0
    ) -> "NbSvm":
        """Return the model of these texts.

        One model a class against all others (a single one of two classes), since the ratios
        belong to a class.

        Raises:
            DataMissingError: scikit-learn is not installed.
        """
        if not is_installed():
            raise DataMissingError(INSTALL)
        text_module = importlib.import_module("sklearn.feature_extraction.text")
        linear = importlib.import_module("sklearn.linear_model")
        vectorizer = text_module.CountVectorizer(
            analyzer=_features, binary=True, dtype=np.float64, lowercase=False
        )
        counts_NV = vectorizer.fit_transform(texts)
        labels_N = np.asarray(labels)
        weights, biases = [], []
        for each in [1] if classes == 2 else range(classes):
            is_class_N = labels_N == each
            ratios_V = _log_ratios(counts_NV, is_class_N)
            if is_class_N.all() or not is_class_N.any():  # a class that no text has
                weights.append(np.zeros_like(ratios_V))
                biases.append(-np.inf if not is_class_N.any() else np.inf)
                continue
            model = linear.LogisticRegression(C=STRENGTH, solver="liblinear", random_state=seed)
            model.fit(counts_NV.multiply(ratios_V).tocsr(), is_class_N)
            weights.append(model.coef_[0] * ratios_V)
            biases.append(float(model.intercept_[0]))
        return cls(vectorizer, np.stack(weights, 1), np.array(biases))

    def predict(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return the probability of each class for each text, (N, C); rows sum to 1."""
        if not len(texts):
            return np.empty((0, max(2, self.weights_VC.shape[1])))
        scores_NC = self.evidence(texts) + self.bias_C
        if scores_NC.shape[1] == 1:
            scores_NC = np.hstack([-scores_NC, scores_NC])
        log_sure_NC = -np.logaddexp(0, -scores_NC)
        shares_NC = np.exp(log_sure_NC - log_sure_NC.max(1, keepdims=True))  # the surest gets 1
        shares: NDArray[np.float64] = shares_NC / shares_NC.sum(1, keepdims=True)
        return shares

    def evidence(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return what the words of each text add to the log-odds of each class.

        (N, C); of two classes (N, 1), that of the second.
        """
        found: NDArray[np.float64] = self.vectorizer.transform(texts) @ self.weights_VC
        return found

    def contributions(self, text: str) -> list[tuple[str, NDArray[np.float64]]]:
        """Return what each word and pair of words of a text adds to the score of each class.

        Of two classes there is one score, that of the second. Features that are not known are
        left out.
        """
        known = self.vectorizer.vocabulary_
        return [
            (feature, self.weights_VC[known[feature]])
            for feature in dict.fromkeys(_features(text))
            if feature in known
        ]

    @property
    def parameters(self) -> int:
        """How many numbers it learned."""
        return self.weights_VC.size + len(self.bias_C)

    @property
    def embedding_parameters(self) -> int:
        """None: a feature has one weight, not a vector."""
        return 0

    @property
    def megabytes(self) -> float:
        """How large its weights are on disk; the vocabulary is not counted."""
        return FLOAT_BYTES * self.parameters / 1e6


def _features(text: str) -> list[str]:
    """Return the words of a text, and each two neighbours."""
    words = words_of(text)
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def _log_ratios(counts_NV: Any, is_class_N: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return how much likelier each feature is within the class than outside, as a logarithm."""
    inside_V = SMOOTHING + np.asarray(counts_NV[is_class_N].sum(0)).ravel()
    outside_V = SMOOTHING + np.asarray(counts_NV[~is_class_N].sum(0)).ravel()
    ratios: NDArray[np.float64] = np.log(
        (inside_V / inside_V.sum()) / (outside_V / outside_V.sum())
    )
    return ratios
