"""Labels of dots: each beside its own, on no other dot and no other label."""

import random

from pages.components.figures.label_places import Dot, Line, label_annotation, place_labels

WIDTH, HEIGHT = 332, 344


def boxes(dots, texts, places):
    sizes = [(0.54 * 12 * len(text), 15) for text in texts]
    return [
        (d.x + p.right - w / 2, d.y + p.down - h / 2, d.x + p.right + w / 2, d.y + p.down + h / 2)
        for d, p, (w, h) in zip(dots, places, sizes, strict=True)
    ]


def cover(a, b):
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across > 1e-6 and down > 1e-6


def test_a_lone_label_stands_right_of_its_dot():
    (place,) = place_labels([Dot(100, 100, 5)], ["LSTM"], width=WIDTH, height=HEIGHT)
    assert place.right - 0.54 * 12 * 4 / 2 > 5, "its left end is clear of the dot"
    assert place.down == 0
    assert not place.is_far


def test_a_label_at_the_right_edge_goes_to_the_left():
    (place,) = place_labels([Dot(WIDTH - 3, 100, 5)], ["LSTM"], width=WIDTH, height=HEIGHT)
    assert place.right < 0


def test_a_label_is_not_struck_by_a_line():
    dots, line = [Dot(100, 100, 5)], Line(100, 100, 200, 100)
    places = place_labels(dots, ["NB-SVM"], width=WIDTH, height=HEIGHT, lines=[line])
    assert not cover(boxes(dots, ["NB-SVM"], places)[0], (100, 99, 200, 101))


def test_nine_labels_of_a_crowd_cover_neither_each_other_nor_a_dot():
    texts = ["Bag of words", "NB-SVM", "RNN", "LSTM", "GRU", "BiLSTM", "CNN", "Transformer", "Max"]
    for seed in range(20):
        draw = random.Random(seed)
        dots = [Dot(draw.uniform(60, 270), draw.uniform(60, 110), 5) for _ in texts]
        found = boxes(dots, texts, place_labels(dots, texts, width=WIDTH, height=HEIGHT))
        for at, box in enumerate(found):
            assert not any(cover(box, other) for other in found[:at])
            assert box[0] >= 0
            assert box[2] <= WIDTH


def test_only_a_far_label_has_a_line_to_its_dot():
    dots = [Dot(100, 100, 5)] * 9
    texts = [f"Model {n}" for n in range(9)]
    places = place_labels(dots, texts, width=WIDTH, height=HEIGHT)
    drawn = [
        label_annotation(place, x=0, y=0, text=text, color="#000", radius=5)
        for place, text in zip(places, texts, strict=True)
    ]
    assert [each["showarrow"] for each in drawn] == [place.is_far for place in places]
    assert any(place.is_far for place in places)
