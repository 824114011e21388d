"""What interview answers claim: the statements, as data. No torch here.

Each is put to the test by the experiment of the same number (see `core.claims.checker`).
"""

from dataclasses import dataclass

from core.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of an interview answer.

    `statement` is what is said; `catch` is what to look at, in one sentence; `source` is where
    the matter is settled in the literature.
    """

    number: int
    lab: str
    statement: str
    catch: str
    source: str


CLAIMS = {
    claim.number: claim
    for claim in (
        Claim(
            1,
            "gradient-flow",
            "In an LSTM dc_t/dc_{t-1} = f_t: no matrix, so the gradient is the product of gates.",
            "That is the direct path only; the rest runs through h into the gates.",
            "Greff et al. 2017, arXiv:1503.04069, section 2",
        ),
        Claim(
            2,
            "gradient-flow",
            "If an LSTM's gradient vanishes, that is a learned choice, not structural.",
            "Before any learning the forget gates of a default LSTM stand near one half.",
            "Jozefowicz et al. 2015, ICML, section 3; Tallec & Ollivier 2018, arXiv:1804.11188",
        ),
        Claim(
            3,
            "gradient-flow",
            "If the norm of W_hh is above 1, an RNN's gradient explodes.",
            "Above 1 is necessary, not sufficient: the slopes of tanh multiply in.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 2.1",
        ),
        Claim(
            4,
            "gradient-flow",
            "Forget gates are at most 1, so an LSTM's gradient cannot explode.",
            "The path through h has matrices in it, and they can grow.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 2",
        ),
        Claim(
            5,
            "gradient-flow",
            "In an RNN the gradient vanishes through the layers.",
            "It vanishes through time; a stack of three layers costs far less than 100 steps.",
            "Bengio et al. 1994, doi:10.1109/72.279181",
        ),
        Claim(
            26,
            "clipping",
            "total_norm_after = clip_grad_norm_(...) gives the norm after clipping.",
            "It returns the norm before, so a monitor that compares the two never fires.",
            "PyTorch documentation, torch.nn.utils.clip_grad_norm_",
        ),
        Claim(
            27,
            "clipping",
            "RNNs and LSTMs need clipping; Transformers usually do not.",
            "Initialization and optimizer decide more than the architecture.",
            "Pascanu et al. 2013, arXiv:1211.5063, section 3.2",
        ),
        Claim(
            28,
            "clipping",
            "Clipping preserves the direction, it only limits the magnitude.",
            "True of the raw gradient under norm clipping; not of value clipping, and not of the "
            "step that Adam takes.",
            "Pascanu et al. 2013, arXiv:1211.5063; Kingma & Ba 2015, arXiv:1412.6980",
        ),
        Claim(
            29,
            "clipping",
            "Clipping is the cure when the loss goes to NaN or infinity.",
            "One infinite element becomes NaN after clipping; such a step must be skipped.",
            "PyTorch documentation, clip_grad_norm_(error_if_nonfinite=True)",
        ),
        Claim(
            30,
            "clipping",
            "Watch the norms without clipping, then set max_norm to their 90th percentile.",
            "A run that needs clipping does not live long enough to be watched.",
            "Seetharaman et al. 2020, arXiv:2007.14469",
        ),
    )
}


def claims_of(lab: str) -> list[Claim]:
    """Return the claims that `lab` can prove, by number."""
    return [claim for claim in CLAIMS.values() if claim.lab == lab]


def find_claim(number: int) -> Claim:
    """Return the claim `number`.

    Raises:
        ConfigError: there is no such claim; the message lists those there are.
    """
    if number not in CLAIMS:
        known = ", ".join(str(n) for n in CLAIMS)
        raise ConfigError(f"There is no claim {number}; those that can be run are {known}.")
    return CLAIMS[number]
