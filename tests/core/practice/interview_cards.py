"""Made-up cards to hold interviews about."""

from core.practice.card import Card, Experiment, FollowUp, Mistake, Point

RIGHT = "alpha beta gamma"
"""Names all three points of every card."""


def made_card(name, *, topic="clipping", level="mid", kind="question", follow_ups=("b", "c")):
    asked = {"a": "And alpha?", "b": "And beta?", "c": "And gamma?"}
    is_trap = kind == "trap"
    return Card(
        id=name,
        topic=topic,
        kind=kind,
        level=level,
        question=f"What of {name}?",
        answer="Alpha, beta and gamma.",
        points=tuple(
            Point(name=word[0], says=f"It is {word}.", phrases=(word,))
            for word in ("alpha", "beta", "gamma")
        ),
        mistakes=(Mistake(says="It is omega.", why="It is not.", phrases=("omega",)),),
        follow_ups=tuple(
            FollowUp(question=asked[point], answer="So.", point=point[:1].replace("c", "g"))
            for point in follow_ups
        ),
        sources=("A book",),
        experiment=Experiment(lab="clipping", look="the dots"),
        claim=26 if is_trap else None,
        counter="It does not." if is_trap else "",
    )


def made_deck(*cards):
    return {card.id: card for card in cards}
