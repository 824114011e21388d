"""What is said of long sequences: claims 17-25. No torch here."""

from core.claims.claim import Claim

LENGTH_CLAIMS = (
    Claim(
        17,
        "length",
        "Beyond its training lengths an LSTM fails because it never saw those positions.",
        "It has no weight for a position: what can be new to it is a state.",
        "Gers & Schmidhuber 2001, doi:10.1109/72.963769; Weiss et al. 2018, arXiv:1805.04908",
    ),
    Claim(
        18,
        "length",
        "Over 500 steps gradients saturate: the forget gates drift towards 0 or 1.",
        "Inference has no gradients. Whether gates drift can be read off.",
        "Weiss et al. 2018, arXiv:1805.04908",
    ),
    Claim(
        19,
        "length",
        "Rounding errors add up over 500 products of gates until answers break.",
        "The same weights in float64 tell how much of the failure is rounding.",
        "Higham 2002, doi:10.1137/1.9780898718027, chapter 3",
    ),
    Claim(
        20,
        "length",
        "In production, long sequences are mended by chunks that hand on a detached state.",
        "That is what one pass does. Compare the answers, then the memory.",
        "PyTorch documentation, torch.nn.LSTM, inputs h_0 and c_0",
    ),
    Claim(
        21,
        "length",
        "RobustLSTM wraps a model so that predict() answers sequences of any length.",
        "It calls a model that takes one argument with two, and cuts along the first axis.",
        "PyTorch documentation, torch.nn.LSTM, batch_first",
    ),
    Claim(
        22,
        "length",
        "Truncated backpropagation makes independent short sequences of a long one, state carried, "
        "and so teaches length.",
        "Independent and carried exclude each other; what is cut is the gradient.",
        "Williams & Peng 1990, doi:10.1162/neco.1990.2.4.490; Tallec & Ollivier 2017, "
        "arXiv:1705.08209",
    ),
    Claim(
        23,
        "length",
        "Segment-level recurrence reads overlapping segments and averages what is said of them.",
        "Where no state goes from one segment to the next, nothing recurs.",
        "Dai et al. 2019, arXiv:1901.02860, section 3.2",
    ),
    Claim(
        24,
        "length",
        "Transformers take sequences of any length better, up to their window.",
        "The window is a limit; within it, untrained lengths are to be measured.",
        "Press et al. 2022, arXiv:2108.12409; Deletang et al. 2023, arXiv:2207.02098",
    ),
    Claim(
        25,
        "length",
        "To train on various lengths, cut or pad each text to one of 50, 100, 200, 300 and 400.",
        "A cut can take away what decides the label, and padding is read as text.",
        "Dwarampudi & Reddy 2019, arXiv:1903.07288",
    ),
)
