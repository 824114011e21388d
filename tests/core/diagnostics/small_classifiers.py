"""Small classifiers of texts, random ones and ones that learned a few film reviews."""

from functools import lru_cache

import torch

from core.data.folds import split_folds
from core.data.labelled import encode_text, words_of
from core.data.reviews import load_reviews
from core.data.text_task import TextTask
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import CLASSIFIERS
from core.models.predictor import NeuralPredictor
from core.text.words import WordVocabulary

CPU = torch.device("cpu")
SIZES = ClassifierSizes(width=8, hidden=8, feed_forward=16)
TEXTS = (
    "A film that is never boring , and not bad at all .",
    "dull",
    "Hardly a masterpiece , but it is funny and it is short .",
    "the same the same the same",
    "Nothing is missing here : great actors and a fine story !",
)
LABELS = (1, 0, 0, 1, 1)
RIGHT = ("bag-of-words", "rnn", "lstm", "gru", "bilstm", "lstm-max", "cnn", "transformer")
NEURAL = (*RIGHT, "lstm-naive", "cnn-naive")
VOCABULARY = WordVocabulary.of([words_of(text) for text in TEXTS])


def small(spec, *, classes=2, layers=1, seed=0, most_words=40, pad_to=20, dropout=0.5, strength=2):
    """Return a random classifier, its weights `strength` times the usual ones."""
    spec = CLASSIFIERS.get(spec, spec)
    model = build_classifier(
        spec,
        SIZES,
        vocabulary_size=VOCABULARY.size,
        classes=classes,
        layers=layers,
        dropout=dropout,
        seed=seed,
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not name.startswith("embedding"):
                parameter.mul_(strength)
    return NeuralPredictor(model, VOCABULARY, most_words=most_words, pad_to=pad_to, device=CPU)


@lru_cache(maxsize=1)
def trained():
    """Return models that learned 2,400 film reviews, by name, and test texts with labels."""
    fold = split_folds(load_reviews("rotten_tomatoes"), folds=1, seed=0, rows=3000)[0]
    vocabulary = WordVocabulary.of((each.words for each in fold.train), least_count=2)
    rows = [encode_text(each.words, vocabulary, 60) for each in fold.train]
    labels = [each.label for each in fold.train]
    predictors = {
        name: learned(name, vocabulary, rows, labels, updates)
        for name, updates in (("lstm", 200), ("cnn", 150), ("lstm-naive", 40))
    }
    return predictors, [each.text for each in fold.test], [each.label for each in fold.test]


def learned(name, vocabulary, rows, labels, updates):
    spec = CLASSIFIERS[name]
    model = build_classifier(
        spec,
        ClassifierSizes(width=32, hidden=32),
        vocabulary_size=vocabulary.size,
        classes=2,
        dropout=0.3,
        seed=0,
    )
    task = TextTask(rows, labels, pad_to=60 if spec.naive else 0)
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for _, batch in zip(range(updates), task.batches(50, seed=0), strict=False):
        optimizer.zero_grad()
        task.loss(model(batch.inputs), batch).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    optimizer.zero_grad()
    return NeuralPredictor(model.eval(), vocabulary, most_words=60, pad_to=60, device=CPU)


def untouched(predictor):
    """Return what a diagnostic must leave: weights, gradients and modes."""
    model = predictor.model
    return (
        {name: tensor.clone() for name, tensor in model.state_dict().items()},
        [parameter.grad for parameter in model.parameters()],
        [module.training for module in model.modules()],
    )


def assert_untouched(predictor, before):
    weights, gradients, modes = untouched(predictor)
    assert all(torch.equal(weights[name], tensor) for name, tensor in before[0].items())
    assert gradients == before[1]
    assert modes == before[2]
