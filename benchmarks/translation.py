"""Translation models against what a user would write, and against their own length.

Legend: B batch, S source time, T target time, D width, V target vocabulary.
"""

import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.measure import Row, ratio_of_calls, ratio_of_streams
from benchmarks.training import CPU, rounds
from core.data.pair_batch import PairInputs
from core.data.pair_task import PairTask
from core.decoding.greedy import greedy
from core.labs.pair_material import build_pair_material
from core.labs.translation_config import TranslationConfig
from core.labs.translation_race import (
    build_lab_translator,
    build_pupils,
    train_translators,
)
from core.models.build_translator import build_translator
from core.models.translator import Translator
from core.models.translators import find_translator
from core.text.words import BOS, EOS, PAD, SPECIALS, UNKNOWN
from core.training.dials import Dials
from core.training.pair_loop import WARM_UP

BATCH, HIDDEN, WORDS = 32, 128, 150
SHORT, LONG = 25, 150
CLOCK = time.process_time  # no bench here waits: what other work the machine does is left out


class CellTranslator(nn.Module):
    """The attention model as one writes it by the book: one cell, one word, one look at a time.

    What it saw last is fed back with the next word (Luong et al. 2015, section 3.3), so that every
    step waits for the one before. Sizes, encoder and attention are those of model "attention".
    """

    def __init__(self) -> None:
        super().__init__()
        self.source_embedding = nn.Embedding(WORDS, HIDDEN, padding_idx=PAD)
        self.target_embedding = nn.Embedding(WORDS, HIDDEN, padding_idx=PAD)
        self.encoder = nn.LSTM(HIDDEN, HIDDEN // 2, batch_first=True, bidirectional=True)
        self.bridge_h, self.bridge_c = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.cell = nn.LSTMCell(2 * HIDDEN, HIDDEN)
        self.query = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.combine = nn.Linear(3 * HIDDEN, HIDDEN)
        self.head = nn.Linear(HIDDEN, WORDS)

    def forward(self, inputs: PairInputs) -> Tensor:
        """Return the logits under teacher forcing, (B, T, V)."""
        source_BS, target_BT = inputs
        mask_BS = source_BS != PAD
        words_BSD = self.source_embedding(source_BS)
        keys_BSD, (h_2BK, c_2BK) = self.encoder(words_BSD)
        values_BSA = torch.cat([keys_BSD, words_BSD], 2)
        h_BD = torch.tanh(self.bridge_h(torch.cat([*h_2BK], 1)))
        c_BD = self.bridge_c(torch.cat([*c_2BK], 1))
        seen_BD = torch.zeros_like(h_BD)
        attentional = []
        for word_BD in self.target_embedding(target_BT).unbind(1):
            fed_BF = torch.cat([word_BD, seen_BD], 1)
            h_BD, c_BD = self.cell(fed_BF, (h_BD, c_BD))
            scores_BS = torch.bmm(keys_BSD, self.query(h_BD)[:, :, None])[:, :, 0]
            weights_BS = scores_BS.masked_fill(~mask_BS, -torch.inf).softmax(1)
            context_BA = torch.bmm(weights_BS[:, None], values_BSA)[:, 0]
            seen_BD = torch.tanh(self.combine(torch.cat([h_BD, context_BA], 1)))
            attentional.append(seen_BD)
        return self.head(torch.stack(attentional, 1))  # type: ignore[no-any-return]


def translator(name: str, length: int) -> Translator:
    """Return an untrained model of the benches' size for sentences of `length` words."""
    return build_translator(
        find_translator(name),
        source_size=WORDS,
        target_size=WORDS,
        hidden=HIDDEN,
        longest=2 * length,
    )


def random_inputs(length: int, batch: int = BATCH) -> PairInputs:
    """Return sentences of one length, as the lab's batches are, so that nothing is packed."""
    generator = torch.Generator().manual_seed(0)
    both = torch.randint(len(SPECIALS), WORDS, (2, batch, length), generator=generator)
    source_BS, target_BT = both
    source_BS[:, -1], target_BT[:, 0] = EOS, BOS
    return PairInputs(source_BS, target_BT)


def training_step(model: nn.Module, inputs: PairInputs) -> Callable[[], None]:
    """Return what runs forward and backward once."""
    targets_BT = inputs.target_BT.roll(-1, 1)

    def step() -> None:
        model.zero_grad()
        logits_BTV = model(inputs)
        cross_entropy(logits_BTV.flatten(0, 1), targets_BT.flatten(), ignore_index=PAD).backward()  # type: ignore[no-untyped-call]

    return step


def rows() -> Iterator[Row]:
    """Measure the fused decoder, the cache, the loop, and what a word costs in long sentences."""
    yield fused_row(pairs=7)
    yield cache_row(pairs=5)
    yield loop_row(pairs=3)
    yield length_row("plain", pairs=9, limit=1.5)
    yield length_row("attention", pairs=9, limit=1.5)
    yield length_row("attention-dot", pairs=9, limit=1.5)
    yield length_row("attention-additive", pairs=2, limit=None)  # S x T x D numbers, by its nature


def fused_row(pairs: int) -> Row:
    """A training step with attention for all words at once against a loop of cells, 100 words."""
    inputs = random_inputs(100)
    cells, fused = CellTranslator(), translator("attention", 100)
    ratio = ratio_of_calls(
        training_step(cells, inputs), training_step(fused, inputs), pairs=pairs, clock=CLOCK
    )
    return Row(
        name="cell loop with input feeding / fused attention",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at least",
        limit=3.5,
    )


def cache_row(pairs: int) -> Row:
    """Greedy decoding that reads each word once against one that reads the prefix every time."""
    length, sentences = 100, 48
    model = translator("transformer-sinusoidal", length).eval()
    source_BS = random_inputs(length, sentences).source_BS
    with torch.no_grad():
        model.head.bias[EOS] = -1e9  # type: ignore[operator,union-attr]  # none stops early

    @torch.no_grad()
    def again_and_again() -> list[list[int]]:
        memory = model.encode(source_BS)
        start = model.start(memory)
        words_BT = torch.full((sentences, 1), BOS)
        for _ in range(length):
            scores_BV = model.decode(words_BT, memory, start).logits_BTV[:, -1].log_softmax(-1)
            scores_BV[:, [PAD, BOS, UNKNOWN]] = -torch.inf
            words_BT = torch.cat([words_BT, scores_BV.argmax(-1, keepdim=True)], 1)
        found: list[list[int]] = words_BT[:, 1:].tolist()
        return found

    def cached() -> list[list[int]]:
        return greedy(model, source_BS, most=length).words

    if cached() != again_and_again():
        raise AssertionError("the two ways to decode say different words")
    ratio = ratio_of_calls(again_and_again, cached, pairs=pairs, clock=CLOCK)
    return Row(
        name="Transformer greedy: re-reading / cache",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at least",
        limit=6,
    )


def loop_row(pairs: int, name: str = "attention") -> Row:
    """The lab's training of one model against the same updates, written without a lab."""
    config = TranslationConfig(models=(name,), longest=50, updates=60, pairs=5000)
    material = build_pair_material(config)

    def ours() -> Iterator[object]:
        pupils = build_pupils(config, material, {name: config.updates}, CPU)
        dials = Dials(**config.dials())
        return rounds(train_translators(config, material, pupils, dials=dials, device=CPU))

    def bare() -> Iterator[object]:
        model = build_lab_translator(name, config, material)
        optimizer = torch.optim.Adam(model.parameters(), config.learning_rate)
        words = (material.source_vocabulary, material.target_vocabulary)
        batches = PairTask(material.corpus.train, *words).batches(config.batch_size, config.seed)
        for done in range(config.updates):
            batch = next(batches)
            warm = min(1.0, (done + 1) / WARM_UP)
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * warm * (1 - done / config.updates)
            optimizer.zero_grad()
            logits_BTV = model(batch.inputs)
            targets_N = batch.targets.flatten()
            loss = cross_entropy(logits_BTV.flatten(0, 1), targets_N, ignore_index=PAD)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), config.clip)
            optimizer.step()
            yield done

    return Row(
        name="translation training / bare loop",
        kind="ratio",
        measured=ratio_of_streams(ours, bare, pairs=pairs, clock=CLOCK),
        unit="x time",
        sense="at most",
        limit=1.05,
    )


def length_row(name: str, pairs: int, limit: float | None) -> Row:
    """What a target word costs in a training step, in long sentences against short ones."""
    steps = [training_step(translator(name, n), random_inputs(n)) for n in (LONG, SHORT)]
    ratio = ratio_of_calls(*steps, pairs=pairs, clock=CLOCK) * SHORT / LONG
    return Row(
        name=f"{name}: a word of {LONG} / a word of {SHORT}",
        kind="ratio",
        measured=ratio,
        unit="x time",
        sense="at most",
        limit=limit,
    )
