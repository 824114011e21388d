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
        Claim(
            31,
            "translation",
            "An encoder-decoder's BLEU falls from 0.85 at 10 tokens to 0.60 at 50 and 0.30 at 100.",
            "BLEU is from 0 to 100, and says little without the number of sentences, the "
            "tokenization and the brevity penalty.",
            "Post 2018, arXiv:1804.08771",
        ),
        Claim(
            32,
            "translation",
            "If the encoder's last states are similar for all sentences, the bottleneck is proven.",
            "States are most alike where the decoder does not need them: swap them and see.",
            "Cho et al. 2014, arXiv:1409.1259; Sutskever et al. 2014, arXiv:1409.3215",
        ),
        Claim(
            33,
            "translation",
            "Attention is a loop: at step t the decoder reads tgt[t] and a context from all "
            "encoder outputs.",
            "tgt[t] is also what it has to say, and nothing masks the padding.",
            "Bahdanau et al. 2015, arXiv:1409.0473, appendix A.2; Luong et al. 2015, "
            "arXiv:1508.04025",
        ),
        Claim(
            34,
            "translation",
            "A teacher forcing ratio of max(0.5, 1 - 0.1 epoch), else model_output[t-1], closes "
            "the gap to inference.",
            "At t = 0 the index is -1, and half of the inputs stay right for ever.",
            "Bengio et al. 2015, arXiv:1506.03099, section 2.4",
        ),
        Claim(
            35,
            "translation",
            "After attention, scheduled sampling is the next remedy for long sentences.",
            "Most words are wrong with a right prefix too, which sampling cannot mend.",
            "Bengio et al. 2015, arXiv:1506.03099; Huszar 2015, arXiv:1511.05101",
        ),
        Claim(
            36,
            "translation",
            "Transformers handle long sequences better.",
            "Trained lengths count: beyond them their positions are as new as a decoder's states.",
            "Press et al. 2022, arXiv:2108.12409",
        ),
        Claim(
            37,
            "translation",
            "For length, set bidirectional=True in the encoder: the decoder gets a richer context.",
            "The decoder cannot take a state of two directions; over a bridge it learns sooner, "
            "from one vector still.",
            "Bahdanau et al. 2015, arXiv:1409.0473, appendix A.2.2",
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
