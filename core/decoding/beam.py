"""Beam search: several hypotheses at once, the best by log-probability over length.

Legend: B sentences, N sentences still searched, K beams, V target vocabulary, C candidates,
S source time, T target time.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from core.models.translator import Decoded, Translator
from core.text.words import BOS, EOS, PAD, UNKNOWN


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One translation: `words` without BOS and EOS, and the log-probability of each.

    Attributes:
        log_probability: the sum of `log_probabilities`.
        log_probabilities: of each word; the last is that of EOS where it was reached.
        score: `log_probability / len(log_probabilities) ** length_penalty`.
        finished: whether EOS was reached.
    """

    words: list[int]
    log_probability: float
    log_probabilities: list[float]
    score: float
    finished: bool


class BeamNode(NamedTuple):
    """A word that the search looked at, in the tree of one sentence.

    Attributes:
        id: its place in the list; 0 is the root, the start of the sentence.
        parent: the id of the node before it, -1 for the root.
        step: how many words lead to it, itself included.
        word: its id in the target vocabulary.
        log_probability: of the word after the words that lead to it.
        total: the sum of the log-probabilities on the way.
        kept: whether the search went on from it, or it ended one of the best hypotheses so far.
        rank: its place among the candidates of its step, 0 is the likeliest.
    """

    id: int
    parent: int
    step: int
    word: int
    log_probability: float
    total: float
    kept: bool
    rank: int


def beam_search(
    model: Translator,
    source_BS: Tensor,
    *,
    beam: int,
    most: int,
    length_penalty: float = 0.0,
    bias_BTS: Tensor | None = None,
) -> list[list[Hypothesis]]:
    """Return up to `beam` hypotheses of each source, the best score first.

    The score is the log-probability divided by length ** `length_penalty`, the end of the
    sentence counted as a word: 0 is the log-probability, 1 its mean over the words (the length
    normalization of Bahdanau et al. 2015; Wu et al. 2016, eq. 14, divide by
    ((5 + length) / 6) ** penalty instead). A negative penalty favours short sentences; ending is
    then considered after every word, else only where it is among the `beam` likeliest candidates.

    A sentence is done when no hypothesis under way can still become its best. Hypotheses under
    way are returned only where none reached its end. A beam of 1 without penalty is greedy.

    Args:
        model: any translation model.
        source_BS: ids that end in EOS, padded with PAD.
        beam: how many hypotheses are followed at once, at least 1.
        most: the longest hypothesis, in words.
        length_penalty: see above.
        bias_BTS: added to the attention scores, by target position (see `Translator.decode`);
            positions beyond its end are not changed.
    """
    found = _Search(
        model,
        source_BS,
        bias_BTS,
        beam=beam,
        most=most,
        length_penalty=length_penalty,
        keeps_all=False,
    )
    return [found.hypotheses(sentence) for sentence in range(len(source_BS))]


def beam_tree(
    model: Translator,
    source_1S: Tensor,
    *,
    beam: int,
    most: int,
    length_penalty: float = 0.0,
    bias_1TS: Tensor | None = None,
) -> tuple[list[Hypothesis], list[BeamNode]]:
    """Return `beam_search` of one source, and every word that the search looked at on the way."""
    found = _Search(
        model,
        source_1S,
        bias_1TS,
        beam=beam,
        most=most,
        length_penalty=length_penalty,
        keeps_all=True,
    )
    return found.hypotheses(0), found.nodes[0]


class _Search:
    """One search: `nodes` by sentence, the ends found so far, and the nodes still open."""

    @torch.no_grad()
    def __init__(
        self,
        model: Translator,
        source_BS: Tensor,
        bias_BTS: Tensor | None,
        *,
        beam: int,
        most: int,
        length_penalty: float,
        keeps_all: bool,
    ) -> None:
        self.beam, self.most, self.penalty, self.keeps_all = beam, most, length_penalty, keeps_all
        root = BeamNode(0, -1, 0, BOS, 0.0, 0.0, True, 0)
        self.nodes = [[root] for _ in source_BS]
        self.ends: list[list[BeamNode]] = [[] for _ in source_BS]
        self.open = [[root] for _ in source_BS]
        self._run(model, source_BS, bias_BTS)

    def hypotheses(self, sentence: int) -> list[Hypothesis]:
        """Return what was found, the best first."""
        root = self.nodes[sentence][:1]  # all that is left where no word has a probability
        last = self.ends[sentence] or self.open[sentence] or root
        return sorted((self._hypothesis(sentence, n) for n in last), key=lambda h: -h.score)

    def _run(self, model: Translator, source_BS: Tensor, bias_BTS: Tensor | None) -> None:
        active = list(range(len(source_BS)))
        if not active:
            return
        rows_N = torch.arange(len(active), device=source_BS.device).repeat_interleave(self.beam)
        memory = model.encode(source_BS).select(rows_N)
        state = model.start(memory)
        if bias_BTS is not None:
            bias_BTS = bias_BTS.expand(len(active), -1, -1)[rows_N]
        for step in range(self.most):
            words = [[node.word for node in self._filled(sentence)] for sentence in active]
            words_N1 = torch.tensor(words, device=source_BS.device).reshape(-1, 1)
            is_biased = bias_BTS is not None and step < bias_BTS.shape[1]
            bias = bias_BTS[:, step, None] if bias_BTS is not None and is_biased else None
            decoded = model.decode(words_N1, memory, state, bias_BTS=bias)
            parents = self._extend(active, decoded)
            lasting = [n for n, sentence in enumerate(active) if self._can_win(sentence, step)]
            if not lasting:
                return
            chosen = [n * self.beam + parent for n in lasting for parent in parents[n]]
            rows_N = torch.tensor(chosen, device=source_BS.device)
            state = decoded.state.select(rows_N)
            if len(lasting) < len(active):
                memory = memory.select(rows_N)
                bias_BTS = None if bias_BTS is None else bias_BTS[rows_N]
                active = [active[n] for n in lasting]

    def _filled(self, sentence: int) -> list[BeamNode]:
        """Return the open nodes, the last repeated where there are fewer than beams."""
        nodes = self.open[sentence]
        return nodes + nodes[-1:] * (self.beam - len(nodes))

    def _extend(self, active: list[int], decoded: Decoded) -> list[list[int]]:
        """Follow the best candidates of each sentence; return the beam that each goes on from."""
        logs_NV = decoded.logits_BTV[:, -1].log_softmax(-1)
        logs_NKV = logs_NV.reshape(len(active), self.beam, -1)
        logs_NKV[..., [PAD, BOS, UNKNOWN]] = -torch.inf
        totals = [[node.total for node in self.open[sentence]] for sentence in active]
        totals_NK = torch.tensor([[*row, *[-math.inf] * (self.beam - len(row))] for row in totals])
        scores_NC = (totals_NK.to(logs_NKV.device)[..., None] + logs_NKV).flatten(1)
        size = logs_NKV.shape[-1]
        top_NC, at_NC = scores_NC.topk(min(2 * self.beam, scores_NC.shape[1]))
        log_NC = logs_NKV.flatten(1).gather(1, at_NC).masked_fill(top_NC.isneginf(), -torch.inf)
        picks = zip((at_NC // size).tolist(), (at_NC % size).tolist(), log_NC.tolist(), strict=True)
        ends = logs_NKV[..., EOS].tolist() if self.penalty < 0 else [[] for _ in active]
        parents = []
        for sentence, end, pick in zip(active, ends, picks, strict=True):
            for rank, (node, log) in enumerate(zip(self.open[sentence], end, strict=False)):
                self._end(sentence, node, log, rank)
            candidates = [each for each in zip(*pick, strict=True) if each[2] > -math.inf]
            parents.append(self._follow(sentence, candidates))
        return parents

    def _follow(self, sentence: int, candidates: list[tuple[int, int, float]]) -> list[int]:
        """Sort (beam, word, log-probability), the best first, into open, ended and dropped."""
        before = self.open[sentence]
        following: list[BeamNode] = []
        parents: list[int] = []
        for rank, (at, word, log) in enumerate(candidates):
            if word != EOS:
                is_kept = len(following) < self.beam
                node = self._add(sentence, before[at], word, log, is_kept=is_kept, rank=rank)
                if is_kept:
                    following.append(node)
                    parents.append(at)
            elif self.penalty >= 0 and rank < self.beam:
                self._end(sentence, before[at], log, rank)
            elif self.penalty >= 0:
                self._add(sentence, before[at], EOS, log, is_kept=False, rank=rank)
        self.open[sentence] = following
        return parents + parents[-1:] * (self.beam - len(parents))

    def _add(
        self,
        sentence: int,
        parent: BeamNode,
        word: int,
        log: float,
        *,
        is_kept: bool,
        rank: int,
    ) -> BeamNode:
        nodes = self.nodes[sentence]
        total = parent.total + log
        node = BeamNode(len(nodes), parent.id, parent.step + 1, word, log, total, is_kept, rank)
        if is_kept or self.keeps_all:
            nodes.append(node)
        return node

    def _end(self, sentence: int, parent: BeamNode, log: float, rank: int) -> None:
        """Take a finished hypothesis, if it is one of the best so far."""
        ends = self.ends[sentence]
        score = self._score(parent.total + log, parent.step + 1)
        is_kept = len(ends) < self.beam or score > self._score(ends[-1].total, ends[-1].step)
        node = self._add(sentence, parent, EOS, log, is_kept=is_kept, rank=rank)
        if is_kept:
            ends.append(node)
            ends.sort(key=lambda end: -self._score(end.total, end.step))
            del ends[self.beam :]

    def _can_win(self, sentence: int, step: int) -> bool:
        """Return whether an open node may still lead to the best score, were the rest certain."""
        nodes, ends = self.open[sentence], self.ends[sentence]
        if not nodes or not ends:
            return bool(nodes)
        length = self.most if self.penalty >= 0 else step + 2
        best = self._score(max(node.total for node in nodes), length)
        return best > self._score(ends[0].total, ends[0].step)

    def _score(self, total: float, length: int) -> float:
        return total / math.pow(length, self.penalty)

    def _hypothesis(self, sentence: int, last: BeamNode) -> Hypothesis:
        nodes: list[BeamNode] = []
        node = last
        while node.parent >= 0:
            nodes.append(node)
            node = self.nodes[sentence][node.parent]
        nodes.reverse()
        is_finished = last.word == EOS
        return Hypothesis(
            words=[node.word for node in nodes[: len(nodes) - is_finished]],
            log_probability=last.total,
            log_probabilities=[node.log_probability for node in nodes],
            score=self._score(last.total, max(1, last.step)),
            finished=is_finished,
        )
