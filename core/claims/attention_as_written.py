"""Claim 33: attention as answers sketch it, repaired no further than to run.

Legend: B batch, S source time, T target time, M attention maps.
"""

import random
from dataclasses import dataclass, replace
from itertools import chain
from statistics import fmean

import torch
from torch import Tensor, nn

from core.claims.finding import Finding, decide
from core.claims.translation_training import SHORT
from core.data.pair_batch import PairBatch, PairInputs, make_pair_batch
from core.data.pair_task import PairTask
from core.data.pairs import Pair
from core.decoding.greedy import greedy, length_limit
from core.labs.pair_material import PairMaterial, build_pair_material
from core.labs.translation_config import TranslationConfig
from core.metrics.statistics import bleu_score, sentence_statistics
from core.models.encoder_decoder import EncoderDecoder
from core.models.translator import Memory
from core.models.translators import find_translator
from core.text.words import PAD

SNIPPET = replace(
    SHORT, models=("attention",), longest=15, buckets=(6, 12), hidden=64, learning_rate=1e-2
)
UPDATES = 200
LAST_UPDATES = 20
LEAST_MASS = 0.001
LEAST_SHARE = 0.5


class SnippetModel(EncoderDecoder):
    """The catalogue's attention model; without `masks_padding` it may look behind the source."""

    masks_padding = True

    def encode(self, source_BS: Tensor) -> Memory:
        """Read the source; ids that end in EOS, padded at the end with PAD."""
        memory = super().encode(source_BS)
        if self.masks_padding:
            return memory
        return replace(memory, mask_BS=torch.ones_like(memory.mask_BS))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The loss at the end of training, BLEU of the test pairs, and attention's mass on padding."""

    loss: float
    bleu: float
    mass: float


def snippet_is_right(
    seed: int,
    *,
    shifts: bool = False,
    masks_padding: bool = False,
    config: TranslationConfig = SNIPPET,
    updates: int = UPDATES,
) -> Finding:
    """Claim 33: train attention with the slips of the answer, and without.

    With `shifts` the decoder reads the word before the one it has to say; the answer feeds it
    that very word. With `masks_padding` attention cannot look at padding.
    """
    config = replace(config, seed=seed)
    material = build_pair_material(config)
    written = train_snippet(material, config, updates, shifts=shifts, masks_padding=masks_padding)
    right = train_snippet(material, config, updates, shifts=True, masks_padding=True)
    translates = written.bleu >= LEAST_SHARE * right.bleu
    ignores = written.mass <= LEAST_MASS
    learned = f"reaches a loss of {written.loss:.2f} and a BLEU of {written.bleu:.0f}"
    if not shifts:
        learned += ", for it is fed the very word that it has to say"
    return Finding(
        verdict=decide(supported=translates + ignores, refuted=2 - translates - ignores),
        measured=f"as written: loss {written.loss:.2f}, BLEU {written.bleu:.1f}, "
        f"{written.mass:.0%} of attention on padding; with shift and mask: loss {right.loss:.2f}, "
        f"BLEU {right.bleu:.1f}, {right.mass:.0%}",
        threshold=f"{LEAST_SHARE:.0%} of the right one's BLEU, and at most {LEAST_MASS:.1%} of "
        "attention on padding: both support it, neither refutes it",
        n=sum(len(pairs) for pairs in material.corpus.test.values()),
        sentence=f"The snippet {learned}; {written.mass:.0%} of its attention falls on "
        f"padding. With the target shifted and padding masked BLEU is {right.bleu:.0f} at a loss "
        f"of {right.loss:.2f}.",
    )


def train_snippet(
    material: PairMaterial,
    config: TranslationConfig,
    updates: int,
    *,
    shifts: bool,
    masks_padding: bool,
) -> Outcome:
    """Train on batches of mixed lengths, as answers do, and test on one."""
    words = material.source_vocabulary, material.target_vocabulary
    task = PairTask(material.corpus.train, *words)
    model = _build(material, config)
    model.masks_padding = masks_padding
    optimizer = torch.optim.Adam(model.parameters(), config.learning_rate)
    draw = random.Random(config.seed)
    losses = []
    for done in range(updates):
        optimizer.param_groups[0]["lr"] = config.learning_rate * (1 - done / updates)
        batch = make_pair_batch(draw.sample(material.corpus.train, config.batch_size), *words)
        if not shifts:
            batch = PairBatch(PairInputs(batch.inputs.source_BS, batch.targets), batch.targets)
        optimizer.zero_grad()
        loss = task.loss(model(batch.inputs), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), config.clip)
        optimizer.step()
        losses.append(loss.detach())
    pairs = list(chain.from_iterable(material.corpus.test.values()))
    return Outcome(
        loss=fmean(float(loss) for loss in losses[-LAST_UPDATES:]),
        bleu=_bleu(model, pairs, material),
        mass=padding_mass(model, make_pair_batch(pairs, *words)),
    )


def _build(material: PairMaterial, config: TranslationConfig) -> SnippetModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return SnippetModel(
            find_translator("attention"),
            source_size=material.source_vocabulary.size,
            target_size=material.target_vocabulary.size,
            hidden=config.hidden,
        )


def _bleu(model: SnippetModel, pairs: list[Pair], material: PairMaterial) -> float:
    batch = make_pair_batch(pairs, material.source_vocabulary, material.target_vocabulary)
    found = greedy(
        model,
        batch.inputs.source_BS,
        most=length_limit(max(len(pair.target) for pair in pairs)),
    )
    said = [material.target_vocabulary.decode(ids) for ids in found.words]
    return bleu_score(sentence_statistics(said, [p.target for p in pairs]).bleu_N10).score


@torch.no_grad()
def padding_mass(model: SnippetModel, batch: PairBatch) -> float:
    """Return the share of attention that falls on padding, over the padded sources' words."""
    source_BS, words_BT = batch.inputs
    memory = model.encode(source_BS)
    decoded = model.decode(words_BT, memory, model.start(memory), want_attention=True)
    assert decoded.attention_BMTS is not None
    is_padding_BS = source_BS == PAD
    mass_BT = (decoded.attention_BMTS[:, 0] * is_padding_BS[:, None]).sum(-1)
    counts_BT = (batch.targets != PAD) & is_padding_BS.any(1)[:, None]
    return float(mass_BT[counts_BT].mean()) if counts_BT.any() else 0.0
