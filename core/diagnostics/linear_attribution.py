"""Which words a linear classifier's answer stands on: its own weights say it, exactly."""

from collections import defaultdict

from core.data.labelled import words_of
from core.diagnostics.attribution import Attribution
from core.models.nb_svm import NbSvm


def linear_attribution(model: NbSvm, text: str, label: int) -> Attribution:
    """Return what each word of a text adds to the log-odds of the class `label`.

    Nothing is estimated: the one method, "contribution", is the weight of the word and half of
    that of each pair of words it stands in; a weight that counts once although its words are
    there more often is split evenly. The contributions and the bias sum to the log-odds of the
    class against all others.
    """
    words = words_of(text)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(words):
        places[word].append(at)
        if at + 1 < len(words):
            places[f"{word} {words[at + 1]}"] += [at, at + 1]
    column, sign = _score_of(model, label)
    shares = [0.0] * len(words)
    for feature, weight_C in model.contributions(text):
        for at in places[feature]:
            shares[at] += sign * float(weight_C[column]) / len(places[feature])
    probability_NC = model.predict([text, ""])
    total = sign * float(model.evidence([text])[0, column])
    return Attribution(
        words=words,
        methods={"contribution": shares},
        probability=float(probability_NC[0, label]),
        baseline_probability=float(probability_NC[1, label]),
        completeness_error=abs(sum(shares) - total),
    )


def _score_of(model: NbSvm, label: int) -> tuple[int, int]:
    """Return which of the model's scores is the class's, and 1, or -1 if it is turned round."""
    if model.weights_VC.shape[1] > 1:
        return label, 1
    return 0, 1 if label == 1 else -1
