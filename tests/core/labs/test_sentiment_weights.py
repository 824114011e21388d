import torch
from tiny_encoders import tiny_bert

from core.labs.sentiment_weights import MOST_MEGABYTES, choose_stored, learned_weights
from core.models.build_classifier import build_classifier
from core.models.classifier_sizes import ClassifierSizes
from core.models.classifiers import find_classifier
from core.models.predictor import MajorityPredictor, NeuralPredictor
from core.models.pretrained_classifier import PretrainedClassifier
from core.runs.journal import RUN_MEGABYTES
from core.text.words import SPECIALS, WordVocabulary


def bag(width):
    spec, sizes = find_classifier("bag-of-words"), ClassifierSizes(width, 1)
    model = build_classifier(spec, sizes, vocabulary_size=100, classes=2, seed=0)
    cpu = torch.device("cpu")
    return NeuralPredictor(model, WordVocabulary(SPECIALS), most_words=5, device=cpu)


def test_the_smallest_are_stored_first_and_the_others_say_why_they_are_not():
    models = {"large": bag(64), "small": bag(8), "majority": MajorityPredictor([0, 1], 2)}
    middle = models["large"].megabytes
    assert choose_stored(models, most_megabytes=1.0) == (["large", "small"], {})
    stored, left_out = choose_stored(models, most_megabytes=middle)
    assert stored == ["small"]
    assert list(left_out) == ["large"]
    assert "not stored, so it cannot read one text afterwards" in left_out["large"]


def test_of_an_encoder_only_what_was_tuned_is_counted_and_stored():
    frozen = PretrainedClassifier(tiny_bert(), classes=2, tuning="frozen")
    assert set(learned_weights(frozen)) == {"head.weight", "head.bias"}
    assert choose_stored({"frozen": frozen}, most_megabytes=1e-3) == (["frozen"], {})
    whole = PretrainedClassifier(tiny_bert(), classes=2, tuning="full")
    assert choose_stored({"full": whole}, most_megabytes=1e-3)[0] == []


def test_beside_the_weights_there_is_room_for_tables_in_what_a_run_may_write():
    assert MOST_MEGABYTES <= 0.75 * RUN_MEGABYTES
