import pytest

from core.practice.answer_words import stem, words_of
from core.practice.card import Card, Experiment, FollowUp, Mistake, Point
from core.practice.grading import grade, phrase_places

BEFORE = Point(name="before", says="The norm before.", phrases=("norm before", "pre-clip norm"))
IN_PLACE = Point(name="in-place", says="In place.", phrases=("scales ... gradients", "in place"))
MONITOR = Point(name="monitor", says="Counts.", phrases=("exceeds max_norm",))
AFTER = Mistake(
    says="The norm after.",
    why="It is measured before.",
    phrases=("norm after clipping", "returns the clipped norm"),
)
CARD = Card(
    id="made-up",
    topic="clipping",
    kind="question",
    level="mid",
    question="What does it return?",
    answer="The norm before.",
    points=(BEFORE, IN_PLACE, MONITOR),
    mistakes=(AFTER,),
    follow_ups=(FollowUp(question="And then?", answer="Count.", point="monitor"),),
    sources=("PyTorch",),
    experiment=Experiment(lab="clipping", look="the dots"),
)


@pytest.mark.parametrize("answer", ["", "   \n\t ", "???", "…"])
def test_an_empty_answer_names_nothing(answer):
    graded = grade(CARD, answer)
    assert (graded.named, graded.mistakes, graded.hits) == ((), (), ())
    assert graded.missed == CARD.points


def test_an_answer_is_told_what_it_names_what_it_misses_and_where():
    answer = "It gives the *Norm   BEFORE* and is done in-place."
    graded = grade(CARD, answer)
    assert graded.named == (BEFORE, IN_PLACE)
    assert graded.missed == (MONITOR,)
    assert [(hit.told.name, answer[hit.start : hit.end]) for hit in graded.hits] == [
        ("before", "Norm   BEFORE"),
        ("in-place", "in-place"),
    ]


def test_what_is_named_twice_is_one_point_with_two_places():
    graded = grade(CARD, "The norm before. Yes, the pre-clip norm!")
    assert graded.named == (BEFORE,)
    assert len(graded.hits) == 2


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("norm before", "the norms, before"),
        ("pre-clip norm", "PRE CLIP NORM"),
        ("pre-clip norm", "the pre–clip norm"),
        ("exceeds max_norm", "it exceeded `max_norm`"),
        ("vanishing gradient", "vanishes: gradients"),
        ("clips the gradients", "clipping the gradient"),
        ("batches", "a batch"),
        ("biases", "the bias"),
        ("losses", "a loss"),
        ("scaling", "it scales"),
        ("inverse matrices", "an inverse matrix"),
        ("naive", "naïve"),
        ("naive", "nai\u0308ve"),
        ("time step", "each timestep"),
        ("timestep", "all time-steps"),
        ("bi-directional", "bidirectional"),
        ("int8", "INT-8"),
        ("does not vanish", "it doesn’t vanish"),
        ("cannot explode", "they can't explode"),
        ("model's state", "the model’s states"),
        ("sigma", "σ(x)"),
        ("50 percent", "50 %"),
        ("4x smaller", "4× smaller"),
        ("scales ... gradients", "scales all of the gradients"),
        ("scales … gradients", "scales gradients"),
        ("a ... b ... c", "a 1 b 2 3 c"),
    ],
)
def test_these_count_as_the_same_words(phrase, text):
    assert phrase_places(phrase, words_of(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("norm", "normal"),
        ("gate", "investigate"),
        ("in place", "in the place"),
        ("norm before", "before norm"),
        ("scales ... gradients", "scales one two three four five gradients"),
        ("scales ... gradients", "It scales. The gradients vanish."),
        ("scales ... gradients", "- scales\n- gradients"),
        ("norm > 1", "norm < 1"),
        ("???", "what???"),
    ],
)
def test_these_do_not(phrase, text):
    assert not phrase_places(phrase, words_of(text))


def test_a_full_stop_in_an_abbreviation_ends_no_sentence():
    assert phrase_places("scales ... gradients", words_of("It scales, e.g. by half, gradients."))


@pytest.mark.parametrize(
    "answer",
    [
        "It returns the norm after clipping.",
        "I do not care; it is the norm after clipping",
        "It does not sync, but gives the norm after clipping.",
        "It returns the clipped norm, which is not what it says.",
        "People say that it is the norm after clipping.",
        "It is the norm after clipping, not the one before.",
    ],
)
def test_a_mistake_counts(answer):
    assert grade(CARD, answer).mistakes == (AFTER,)


@pytest.mark.parametrize(
    "answer",
    [
        "It does not give the norm after clipping.",
        "It doesn't really give us the norm after clipping.",
        "It never returns the clipped norm.",
        "It is wrong that it is the norm after clipping.",
        "It is not true that it gives you the norm after clipping.",
        "A common mistake is to think that, by its name, it is the norm after clipping.",
        "That it is the norm after clipping is wrong.",
        "That it is the norm after clipping is simply not true.",
        "Many say it is the norm after clipping, but it is measured first.",
        "You would think it returns the clipped norm. However, it does the opposite.",
        "The norm before rather than the norm after clipping.",
        "The norm before instead of the norm after clipping.",
    ],
)
def test_a_mistake_that_is_denied_is_none(answer):
    assert grade(CARD, answer).mistakes == ()


@pytest.mark.parametrize(
    "answer",
    [
        "It is not the norm before.",
        "It isn't really the norm before!",
        "It is wrong that the norm before is returned.",
        "It is not true that the norm before is returned.",
        "The norm before is wrong.",
    ],
)
def test_a_point_that_is_denied_is_not_named(answer):
    assert BEFORE not in grade(CARD, answer).named


@pytest.mark.parametrize(
    "answer",
    [
        "Not the clipped one, the norm before.",
        "It does not sync and returns the norm before.",
        "It is not only the norm before that counts.",
        "Without a look at the norm before you see nothing.",
        "It is not the norm before in a test, yet the norm before here.",
    ],
)
def test_a_not_elsewhere_takes_no_point_away(answer):
    assert BEFORE in grade(CARD, answer).named


@pytest.mark.parametrize(
    ("forms", "wanted"),
    [
        ("clip clips clipped clipping", "clip"),
        ("pass passes passed passing", "pass"),
        ("multiply multiplies multiplied multiplying", "multiply"),
        ("bias biases biased", "bias"),
        ("use uses used using", "use"),
        ("string", "string"),
        ("thus", "thus"),
    ],
)
def test_a_stem_has_no_inflection(forms, wanted):
    assert {stem(form) for form in forms.split()} == {wanted}


def test_a_long_answer_is_graded_at_once():
    graded = grade(CARD, "the norm before scales a b c d e " * 3000)
    assert graded.named == (BEFORE,)
